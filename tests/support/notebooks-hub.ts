/** The real hub and its proxy, started with what the platform's pods would be started with. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import type { AccessModel } from "../../components/access/access-model.ts";
import { hubConfiguration } from "../../components/notebooks/configuration.ts";
import { hubPort, proxyApiPort, proxyPort } from "../../components/notebooks/names.ts";
import { hubFiles, proxyArguments } from "../../components/notebooks/pods.ts";
import { programFile } from "../../components/notebooks/hub-program.ts";
import type { NotebooksSettings } from "../../components/notebooks/settings.ts";
import { freePorts } from "../../testbed/control-plane/ports.ts";
import type { HubPrograms } from "../../testbed/hub/hub.ts";
import { objectStore } from "./portal.ts";
import { untilStatus } from "./started-program.ts";

/** For `sh -c`: asks the program to end when its standard input does. The hub takes what it has started along. */
const supervise = '"$@" <&- & read -r _; kill $!; wait';

export const administratorPassword = "a password of this test alone";

/** What the hub's Secrets would hold. */
const secrets = {
  COOKIE_SECRET: "c".repeat(32),
  CRYPT_KEY: "k".repeat(32),
  CONFIGPROXY_AUTH_TOKEN: "t".repeat(32),
  CLIENT_SECRET: "secret-of-the-client-of-this-test",
  PGPASSWORD: "unused",
} as const;

export const clientSecret: string = secrets.CLIENT_SECRET;

export interface HubOptions {
  readonly settings: NotebooksSettings;
  readonly access: AccessModel;
  /** Authorities that the hub trusts beside the public ones, as a file. */
  readonly authority?: string | undefined;
  /** Addresses of the configuration that lie elsewhere on this machine, by what stands for them. */
  readonly elsewhere?: Readonly<Record<string, string>> | undefined;
  /** Of a cluster that it starts servers in. */
  readonly kubeconfig?: string | undefined;
}

export class RunningHub {
  /** Of the proxy, where visitors come in. */
  readonly endpoint: string;
  readonly #folder: string;
  readonly #programs: HubPrograms;
  readonly #options: HubOptions;
  readonly #ports: { readonly hub: number; readonly api: number; readonly visitors: number };
  readonly #children = new Map<string, { readonly child: ChildProcess; readonly closed: Promise<unknown> }>();
  #log = "";

  private constructor(programs: HubPrograms, folder: string, options: HubOptions, ports: readonly number[]) {
    const [hub = 0, api = 0, visitors = 0] = ports;
    this.#programs = programs;
    this.#folder = folder;
    this.#options = options;
    this.#ports = { hub, api, visitors };
    this.endpoint = `http://127.0.0.1:${visitors}`;
  }

  /** @param folder that is not there yet */
  static async start(programs: HubPrograms, folder: string, options: HubOptions): Promise<RunningHub> {
    const running = new RunningHub(programs, folder, options, await freePorts(3));
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(hubFiles(running.#configuration())))
      writeFileSync(join(folder, name), text);
    running.#startProxy();
    await untilStatus(`${running.endpoint}/_chp_healthz`, 200, () => running.#log);
    await running.startHub();
    return running;
  }

  /** What hub and proxy have printed so far. */
  get log(): string {
    return this.#log;
  }

  async startHub(): Promise<void> {
    const { python, modules } = this.#programs;
    // Where a kubeconfig is read the spawner needs no in-cluster environment.
    const { kubeconfig } = this.#options;
    this.#spawn("hub", [python, "-m", "jupyterhub", "--config", join(this.#folder, programFile)], {
      PYTHONPATH: modules,
      ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
      ADMINISTRATOR: "boss",
      ADMINISTRATOR_PASSWORD: administratorPassword,
      ...secrets,
    });
    await untilStatus(`http://127.0.0.1:${this.#ports.hub}/hub/health`, 200, () => this.#log);
    // The proxy is told of the hub a moment later.
    await untilStatus(`${this.endpoint}/hub/health`, 200, () => this.#log);
  }

  async stopHub(): Promise<void> {
    await this.#stop("hub");
  }

  async stop(): Promise<void> {
    for (const name of this.#children.keys()) await this.#stop(name);
  }

  async #stop(name: string): Promise<void> {
    const running = this.#children.get(name);
    running?.child.stdin?.end();
    await running?.closed;
    this.#children.delete(name);
  }

  #startProxy(): void {
    const ours = proxyArguments().map((argument) =>
      this.#local(argument).replace(/^--(api-)?ip=$/, "--$1ip=127.0.0.1"),
    );
    this.#spawn("proxy", [process.execPath, this.#programs.proxy, ...ours], secrets);
  }

  #spawn(name: string, command: readonly string[], environment: Readonly<Record<string, string>>): void {
    const child = spawn("sh", ["-c", supervise, "sh", ...command], {
      cwd: this.#folder,
      env: { PATH: process.env["PATH"], HOME: this.#folder, TMPDIR: this.#folder, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#children.set(name, { child, closed: once(child, "close") });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.#log += text));
    }
  }

  /** The JSON of the platform's hub, with the addresses of this machine and a database in a file. */
  #configuration(): string {
    const { settings, access, authority } = this.#options;
    const configuration = hubConfiguration({
      settings,
      access,
      objectStore,
      database: { host: "hub-database.datalab-notebooks.svc", port: 5432, database: "hub", username: "hub" },
      privateCa: authority !== undefined,
    });
    return this.#local(JSON.stringify(configuration, null, 2))
      .replace(
        "postgresql://hub@hub-database.datalab-notebooks.svc:5432/hub",
        `sqlite:///${join(this.#folder, "hub.sqlite")}`,
      )
      .replace("/platform-ca/ca.crt", authority ?? "");
  }

  #local(text: string): string {
    const { hub, api, visitors } = this.#ports;
    const replaced = text
      .replaceAll(`hub.datalab-notebooks.svc:${hubPort}`, `127.0.0.1:${hub}`)
      .replaceAll(`proxy-api.datalab-notebooks.svc:${proxyApiPort}`, `127.0.0.1:${api}`)
      .replace(`http://:${hubPort}`, `http://127.0.0.1:${hub}`)
      .replace(`--api-port=${proxyApiPort}`, `--api-port=${api}`)
      .replace(`--port=${proxyPort}`, `--port=${visitors}`);
    const { elsewhere = {} } = this.#options;
    return Object.entries(elsewhere).reduce((all, [from, to]) => all.replaceAll(from, to), replaced);
  }
}
