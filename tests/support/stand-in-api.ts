/** The stand-in for Onyxia's API as a process of its own, without login, in front of an API server. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { getCACertificates } from "node:tls";

import { freePorts } from "../../testbed/control-plane/ports.ts";
import { type ChartPackage, repositoryIndex } from "../../components/catalogue/package.ts";
import { apiEnvironment } from "../../components/portal/environment.ts";
import { regionOf } from "../../components/portal/region.ts";
import { regionInputs } from "./portal.ts";

export interface StandInApiOptions {
  /** Folder for its files. */
  readonly folder: string;
  /** Address of a Helm repository. */
  readonly repository: string;
  /** A kubeconfig for the API and for helm: the API reads JSON alone. */
  readonly kubeconfig: string;
  /** Folders in which it looks for helm before any other. */
  readonly path: readonly string[];
  /** Schema overrides by path. */
  readonly schemas?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export class StandInApi {
  log = "";
  readonly #url: string;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.#url = `http://127.0.0.1:${port}/api`;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    }
  }

  /** Starts it and waits until it is ready. Everybody is the user `default`. */
  static async start(options: StandInApiOptions): Promise<StandInApi> {
    const [port = 0] = await freePorts(1);
    const home = mkdtempSync(join(options.folder, "api-"));
    const schemaFolder = join(home, "schemas");
    for (const [path, text] of Object.entries(options.schemas ?? {})) {
      mkdirSync(join(schemaFolder, path, ".."), { recursive: true });
      writeFileSync(join(schemaFolder, path), text);
    }
    // Its storage would want a login.
    const region = { ...regionOf(regionInputs()), data: undefined };
    const main = join(import.meta.dirname, "../../testbed/stand-ins/onyxia-api/main.ts");
    const child = spawn(process.execPath, [main], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...apiEnvironment(regionInputs(), []),
        "authentication.mode": "none",
        regions: JSON.stringify([region]),
        catalogs: JSON.stringify([{ id: "own", location: options.repository, status: "PROD" }]),
        "external.schema.directory": schemaFolder,
        "server.port": String(port),
        KUBECONFIG: options.kubeconfig,
        PATH: [...options.path, process.env["PATH"]].join(":"),
        JAVA_HOME: javaHome(home),
        HOME: home,
        TMPDIR: home,
      },
    });
    const api = new StandInApi(port, child);
    await api.#ready();
    return api;
  }

  async #ready(): Promise<void> {
    const until = Date.now() + 120_000;
    for (;;) {
      const answer = await this.send("GET", "/public/healthcheck").catch(() => undefined);
      if (answer?.status === 200) return;
      if (this.#child.exitCode !== null || Date.now() > until) throw new Error(`the API is not ready:\n${this.log}`);
      await sleep(100);
    }
  }

  async send(method: string, path: string, body?: object): Promise<Answer> {
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(this.#url + path, { method, ...given });
    return { status: response.status, text: await response.text() };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** The API asks Java whom it trusts. Here it trusts one authority, and meets none: its repository speaks plain HTTP. */
function javaHome(folder: string): string {
  const home = join(folder, "java");
  mkdirSync(join(home, "bin"), { recursive: true });
  mkdirSync(join(home, "lib/security"), { recursive: true });
  writeFileSync(join(home, "lib/security/cacerts"), getCACertificates("bundled")[0] ?? "");
  writeFileSync(join(home, "bin/keytool"), '#!/bin/sh\ncat "${0%/bin/keytool}/lib/security/cacerts"\n');
  chmodSync(join(home, "bin/keytool"), 0o755);
  return home;
}

/** A Helm repository on loopback. */
export async function startRepository(packages: readonly ChartPackage[]): Promise<{ url: string; close: () => void }> {
  const files = new Map<string, string | Buffer>([
    ["/index.yaml", repositoryIndex(packages)],
    ...packages.map(({ fileName, archive }): [string, Buffer] => [`/${fileName}`, archive]),
  ]);
  const server = createServer((request, response) => {
    const content = files.get(request.url ?? "");
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** A kubeconfig in JSON that both the API and helm can read, for the bearer of a token. */
export function tokenKubeconfig(folder: string, adminKubeconfig: string, token: string): string {
  const place = mkdtempSync(join(folder, "account-"));
  const { clusters } = JSON.parse(readFileSync(adminKubeconfig, "utf8")) as {
    clusters: [{ cluster: Readonly<Record<string, string>> }];
  };
  const { server = "", "certificate-authority-data": ca = "" } = clusters[0].cluster;
  const files = { ca: join(place, "ca.crt"), token: join(place, "token"), kubeconfig: join(place, "kubeconfig") };
  writeFileSync(files.ca, Buffer.from(ca, "base64"));
  writeFileSync(files.token, token.trim());
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "own", cluster: { server, "certificate-authority": files.ca } }],
    users: [{ name: "own", user: { tokenFile: files.token } }],
    contexts: [{ name: "own", context: { cluster: "own", user: "own" } }],
    "current-context": "own",
  };
  writeFileSync(files.kubeconfig, JSON.stringify(kubeconfig));
  return files.kubeconfig;
}
