import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiClient, type ApiAccess } from "../control-plane/api-client.ts";
import { writeKubeconfig } from "../control-plane/cluster-objects.ts";
import { makeCertificates } from "./certificates.ts";
import * as configuration from "./configuration.ts";
import { createDns } from "./dns.ts";
import { enter, runInside, type Namespaces } from "./enter.ts";
import { endOf, kubeconfigFile, optionsFile, writeRecord } from "./folder.ts";
import { forward, type LastingForward } from "./forward.ts";
import { hold, type Holder } from "./holder.ts";
import { provideImages, type NodeImage } from "./images.ts";
import { provideLoadBalancers } from "./load-balancers.ts";
import { enforceNetworkPolicies } from "./network-policy/enforce.ts";
import { network, nodeName } from "./network.ts";
import type { NodePrograms } from "./programs.ts";
import { foundations, workers, type Service } from "./services.ts";
import { setUpScript, type Host } from "./set-up.ts";
import { until } from "./until.ts";
import { createStorageClass, provideVolumes } from "./volumes.ts";

/** What the process that starts a supervisor hands to it, as a file of the node's folder. */
export interface SupervisorOptions {
  readonly programs: NodePrograms;
  readonly images: readonly NodeImage[];
  readonly hosts: readonly Host[];
  readonly forwards: readonly LastingForward[];
  /** True: the node ends as soon as the supervisor's standard input does, that is, with its owner. */
  readonly owned: boolean;
}

/**
 * The one process of a node outside of its namespaces, beside the one that holds them: starts it, answers its claims
 * and load balancers, and ends and removes all of it when told to (SIGTERM) or when its owner is gone.
 */
async function supervise(folder: string, options: SupervisorOptions): Promise<void> {
  const ending = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = () => {
    ending.abort();
    ended.reject(new Error("the node was told to end"));
  };
  ended.promise.catch(() => undefined);
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, end);
  if (options.owned) process.stdin.on("close", end).on("error", end).resume();

  const node = new RunningNode(folder, options, ending.signal);
  try {
    await Promise.race([node.start(), node.broken, ended.promise]);
    await Promise.race([node.broken, ended.promise]);
  } catch (error) {
    if (!ending.signal.aborted) {
      console.error(error);
      await node.end();
      await writeRecord(folder, { phase: "failed", supervisor: process.pid, error: String(error) });
      // Whoever started it reads the record and the logs, and clears the folder. Should it be gone by then, its end of
      // the pipe is too.
      if (!options.owned) process.exit(1);
      await ended.promise.catch(() => undefined);
    }
  }
  await node.end();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

class RunningNode {
  readonly #folder: string;
  readonly #options: SupervisorOptions;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #broken = Promise.withResolvers<never>();
  #starting: Promise<void> = Promise.resolve();
  #holder: Holder | undefined;

  constructor(folder: string, options: SupervisorOptions, signal: AbortSignal) {
    this.#folder = folder;
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#ending.signal]);
    this.broken.catch(() => undefined);
  }

  /** Fails when one of the node's programs ends by itself. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  /** Ends everything in it. Nothing is written to its folder any more then, not even by a start that was going on. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#holder?.end();
    await this.#starting.catch(() => undefined);
    // The start may have just come to it.
    await this.#holder?.end();
  }

  async #start(): Promise<void> {
    const begin = Date.now();
    const { programs, images, hosts, forwards } = this.#options;
    // Its starter may have been killed before it could do so.
    await writeRecord(this.#folder, { phase: "starting", supervisor: process.pid });
    await provideImages(images, join(this.#folder, "containerd"), programs, this.#signal);
    const holder = await hold(programs.paths["datalab-node"], this.#folder);
    this.#holder = holder;
    this.#signal.throwIfAborted();
    const space: Namespaces = { init: holder.init, programs };
    await writeRecord(this.#folder, { phase: "starting", supervisor: process.pid, init: holder.init });
    await this.#configure(holder.cgroup);
    await runInside(space, "sh", ["-eu", "-c", setUpScript(this.#folder, programs.packages, hosts)]);
    for (const service of foundations) this.#run(service, space);

    const access = await this.#openApi(space);
    const api = new ApiClient(access);
    await until("the API server", this.#signal, async () => (await api.get("/readyz")) === "ok");
    for (const service of workers) this.#run(service, space);
    await Promise.all([createStorageClass(api), createDns(api, hosts)]);
    void provideVolumes(api, this.#folder, this.#signal);
    void provideLoadBalancers(api, this.#signal);
    const load = (ruleset: string) => runInside(space, "nft", ["--file", "-"], { input: ruleset });
    enforceNetworkPolicies(api, load, this.#signal).catch(this.#broken.reject);
    await this.#awaitReady(api);
    for (const { target, ...rest } of forwards) await forward(space, target, rest);
    await writeKubeconfig(kubeconfigFile(this.#folder), access);
    const startedIn = Date.now() - begin;
    const record = { supervisor: process.pid, init: holder.init, server: access.server, startedIn };
    await writeRecord(this.#folder, { phase: "ready", ...record });
    console.log(`ready after ${startedIn} ms`);
  }

  async #configure(cgroup: string): Promise<void> {
    const file = (name: string) => join(this.#folder, name);
    for (const name of ["pki", "cni", "logs", "volumes", "volume-plugins"]) await mkdir(file(name));
    const { certificates } = configuration;
    await makeCertificates(this.#options.programs.paths["datalab-node"], file("pki"), certificates);
    const documents = {
      ...Object.fromEntries(
        ["admin", "kubelet", "controller-manager", "scheduler", "proxy"].map((name) => [
          `${name}.kubeconfig`,
          configuration.kubeconfig(name),
        ]),
      ),
      "kubelet.json": configuration.kubelet(cgroup),
      "kube-proxy.json": configuration.kubeProxy(),
      "cni/pods.conflist": configuration.podNetwork(),
    };
    for (const [name, document] of Object.entries(documents)) await writeFile(file(name), JSON.stringify(document));
    await writeFile(file("containerd.toml"), configuration.containerd());
  }

  #run(service: Service, space: Namespaces): void {
    const file = join(this.#folder, "logs", `${service.name}.log`);
    const log = openSync(file, "a");
    const program = this.#options.programs.paths[service.name];
    const child = enter(space, program, service.arguments, { stdio: ["ignore", log, log] });
    closeSync(log);
    child.once("exit", (code, signal) => {
      if (this.#signal.aborted) return;
      const end = endOf(file, 20);
      this.#broken.reject(new Error(`${service.name} has ended (${String(code ?? signal)}):\n${end}`));
    });
  }

  async #openApi(space: Namespaces): Promise<ApiAccess> {
    const { address } = await forward(space, `${network.node}:${network.apiPort}`);
    const pki = (name: string) => join(this.#folder, "pki", name);
    return {
      server: `https://${address}`,
      caFile: pki("ca.crt"),
      certificateFile: pki("admin.crt"),
      keyFile: pki("admin.key"),
    };
  }

  async #awaitReady(api: ApiClient): Promise<void> {
    await until("the node", this.#signal, async () => {
      const node = (await api.get(`/api/v1/nodes/${nodeName}`)) as { status?: { conditions?: Condition[] } };
      return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
    });
    // Made by the controllers; before it is there, no pod is admitted to the namespace.
    await until("the controllers", this.#signal, async () => {
      await api.get("/api/v1/namespaces/default/serviceaccounts/default");
      return true;
    });
    await until("the name service", this.#signal, async () => {
      const dns = (await api.get("/apis/apps/v1/namespaces/kube-system/deployments/coredns")) as {
        status?: { readyReplicas?: number };
      };
      return dns.status?.readyReplicas === 1;
    });
  }
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

const folder = process.argv[2]?.replace(/\/$/, "");
if (folder === undefined) throw new Error("usage: supervisor.ts <folder>/");
await supervise(folder, JSON.parse(await readFile(optionsFile(folder), "utf8")) as SupervisorOptions);
process.exit();
