import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { contextName } from "../control-plane/cluster-objects.ts";
import { belongsTo, endProcesses, signal } from "../control-plane/processes.ts";
import { createFolder, removeAbandoned, spawnSupervisor } from "../control-plane/supervision.ts";
import { enter, outsideFile, runInside, type EnterOptions, type Output, type RunOptions } from "./enter.ts";
import { endOf, kubeconfigFile, logFile, optionsFile, readRecord, writeRecord, type NodeRecord } from "./folder.ts";
import { forward, type Forward, type ForwardOptions, type LastingForward } from "./forward.ts";
import type { NodeImage } from "./images.ts";
import { network } from "./network.ts";
import type { NodePrograms } from "./programs.ts";
import type { Host } from "./set-up.ts";
import type { SupervisorOptions } from "./supervisor.ts";

export type { EnterOptions, Output, RunOptions } from "./enter.ts";
export type { Forward, ForwardOptions, LastingForward } from "./forward.ts";
export type { NodeImage } from "./images.ts";
export { nodeObstacle } from "./machine.ts";
export { network } from "./network.ts";
export { ensureNodeToolchain, type NodePrograms } from "./programs.ts";
export type { Host } from "./set-up.ts";

/** A running cluster of one real node. */
export interface RealNode {
  readonly kind: "node";
  /** Everything that it writes lies here. */
  readonly folder: string;
  /** Self-contained kubeconfig of a cluster administrator, for use on this machine. */
  readonly kubeconfig: string;
  /** The kubeconfig's only context. */
  readonly context: string;
  /** URL of the API server, on loopback. */
  readonly server: string;
  /** The node's address, which is that of its load balancers too. It answers only where `run` and `forward` come from. */
  readonly address: string;
  /** File of the network namespace in front of it, where its clients are: for `nsenter --net`. */
  readonly outside: string;
  /** Ports of this machine's loopback that stay open as long as it runs, as the first to start it has asked for them. */
  readonly forwards: readonly LastingForward[];
  /** Milliseconds that its start took, whoever started it. */
  readonly startedIn: number;
  /** Whether it was running already. */
  readonly reused: boolean;
  /** Runs a program in the node's namespaces to its end. @throws if its exit code is not 0 */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Output>;
  /** Starts a program in the node's namespaces. It ends with the node at the latest. */
  spawn(command: string, args: readonly string[], options?: EnterOptions): ChildProcess;
  /** Opens a port on this machine's loopback that leads to `<address>:<port>` of the node's network. */
  forward(target: string, options?: ForwardOptions): Promise<Forward>;
  /** Ends everything in it and removes its folder. */
  stop(): Promise<void>;
}

export interface NodeOptions {
  readonly programs: NodePrograms;
  /** What pods can run: no registry is ever asked. */
  readonly images?: readonly NodeImage[];
  /** Names known to programs started by `run` and `spawn`. */
  readonly hosts?: readonly Host[];
  /** Ports that stay open as long as the node runs; those opened by `forward` end with the process that opens them. */
  readonly forwards?: readonly LastingForward[];
  /** A folder that does not exist yet, or holds the node that is to be reused. @default one in the temporary folder */
  readonly folder?: string;
  /** True: it ends, and its folder goes, with the process that starts it, even if that one is killed. @default false */
  readonly owned?: boolean;
}

export interface NodeStatus {
  readonly state: "absent" | "starting" | "running" | "broken";
  readonly server?: string;
  /** Why it is broken, where that is known. */
  readonly error?: string;
}

/**
 * Starts a node, or returns the one that already runs in the folder. Remains of one that has crashed are removed
 * first.
 *
 * @throws Error with the end of the logs if it does not start.
 */
export async function startNode(options: NodeOptions): Promise<RealNode> {
  const folder = resolve(options.folder ?? join(tmpdir(), `datalab-node-${randomBytes(4).toString("hex")}`));
  if ((await nodeStatus(folder)).state === "broken") await stopNode(folder);
  const created = await createFolder(folder);
  if (created) await supervise(folder, options);
  const record = await awaitStart(folder);
  if (record === undefined) return startNode({ ...options, folder });
  const { server, init } = record;
  if (record.phase !== "ready" || server === undefined || init === undefined) {
    const log = endOf(logFile(folder), 20);
    await stopNode(folder);
    throw new Error(`the node did not start: ${record.error ?? "its supervisor has ended"}\n${log}`);
  }
  const space = { init, programs: options.programs };
  const { forwards } = JSON.parse(await readFile(optionsFile(folder), "utf8")) as SupervisorOptions;
  return {
    kind: "node",
    folder,
    kubeconfig: kubeconfigFile(folder),
    context: contextName,
    server,
    address: network.node,
    outside: outsideFile(init),
    forwards,
    startedIn: record.startedIn ?? 0,
    reused: !created,
    run: (command, args, given) => runInside(space, command, args, given),
    spawn: (command, args, given) => enter(space, command, args, given),
    forward: (target, given) => forward(space, target, given),
    stop: async () => {
      await stopNode(folder);
    },
  };
}

/** Looks at the node of a folder without changing anything. */
export async function nodeStatus(folder: string): Promise<NodeStatus> {
  const record = await readRecord(resolve(folder));
  if (record === undefined) return { state: "absent" };
  const alive = belongsTo(resolve(folder), record.supervisor);
  if (record.phase === "starting" && alive) return { state: "starting" };
  if (record.phase === "ready" && alive && record.server !== undefined)
    return { state: "running", server: record.server };
  return { state: "broken", ...(record.error === undefined ? {} : { error: record.error }) };
}

/** Ends the node of a folder and removes the folder. False where there was none. */
export async function stopNode(folder: string): Promise<boolean> {
  const home = resolve(folder);
  const record = await readRecord(home);
  if (record === undefined) return false;
  if (belongsTo(home, record.supervisor)) signal(record.supervisor, "SIGTERM");
  const deadline = Date.now() + 60_000;
  while (belongsTo(home, record.supervisor) && Date.now() < deadline) await sleep(20);
  await endProcesses(home, [record.supervisor]);
  // Its namespaces end with it: only then can the folder be removed.
  while (record.init !== undefined && belongsTo(home, record.init) && Date.now() < deadline) await sleep(20);
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  return true;
}

async function supervise(folder: string, options: NodeOptions): Promise<void> {
  const { programs, images = [], hosts = [], forwards = [], owned = false } = options;
  const given: SupervisorOptions = { programs, images, hosts, forwards, owned };
  await writeFile(optionsFile(folder), JSON.stringify(given));
  const entry = join(import.meta.dirname, "supervisor.ts");
  const supervisor = await spawnSupervisor({ entry, folder, log: logFile(folder), owned });
  await writeRecord(folder, { phase: "starting", supervisor });
}

/** The record once the start is over, one way or the other; undefined if the folder was an abandoned one, which is gone. */
async function awaitStart(folder: string): Promise<NodeRecord | undefined> {
  // Unpacking many images for the first time takes minutes.
  const deadline = Date.now() + 900_000;
  const noted = Date.now() + 5000;
  while (Date.now() < deadline) {
    const record = await readRecord(folder);
    if (record === undefined) {
      if (Date.now() > noted) {
        await removeAbandoned(folder, [optionsFile(folder), logFile(folder)], "a node");
        return undefined;
      }
    } else if (record.phase !== "starting" || !belongsTo(folder, record.supervisor)) {
      return (await readRecord(folder)) ?? record;
    }
    await sleep(50);
  }
  throw new Error(`the node in ${folder} did not start in time, see ${logFile(folder)}`);
}
