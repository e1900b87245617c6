import { randomBytes } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { contextName } from "./cluster-objects.ts";
import { clear, kubeconfigFile, logFile, readRecord, writeRecord, type ControlPlaneRecord } from "./folder.ts";
import { isHealthy } from "./health.ts";
import { belongsTo, signal } from "./processes.ts";
import { createFolder, removeAbandoned, spawnSupervisor } from "./supervision.ts";
import type { SupervisorOptions } from "./supervisor.ts";
import type { ControlPlaneTools } from "./tools.ts";

export { controlPlaneTools, type ControlPlaneTools } from "./tools.ts";

/** A running Kubernetes control plane. */
export interface ControlPlane {
  /** `simulated`: nodes and pods are objects without anything running in them. A real node is another kind: testbed/node. */
  readonly kind: "simulated";
  /** Everything that it writes lies here. */
  readonly folder: string;
  /** Self-contained kubeconfig of a cluster administrator. */
  readonly kubeconfig: string;
  /** The kubeconfig's only context. */
  readonly context: string;
  /** URL of the API server, on loopback. */
  readonly server: string;
  /** Milliseconds that its start took, whoever started it. */
  readonly startedIn: number;
  /** Whether it was running already. */
  readonly reused: boolean;
  /** Ends its processes and removes its folder. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly tools: ControlPlaneTools;
  /**
   * A folder for this control plane alone, which does not exist yet or holds the one that is to be reused. Default: a
   * new one below the system's temporary folder.
   */
  readonly folder?: string;
  /**
   * True: it ends, and its folder goes, with the process that starts it, even if that one is killed. False: it runs
   * until it is stopped.
   */
  readonly owned?: boolean;
  /** Added to the environment of cert-manager's programs: a proxy, authorities that they trust. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Older minor version of Kubernetes whose APIs and behaviour it shows, like `1.33`. @default its own */
  readonly emulatedVersion?: string | undefined;
}

export interface ControlPlaneStatus {
  readonly state: "absent" | "starting" | "running" | "broken";
  readonly server?: string;
}

const entry = join(import.meta.dirname, "supervisor.ts");

/**
 * Starts a control plane, or returns the one that already runs in the folder. Remains of one that has crashed are
 * removed first.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = resolve(options.folder ?? join(tmpdir(), `datalab-control-plane-${randomBytes(4).toString("hex")}`));
  const deadline = Date.now() + 240_000;
  let reused = true;
  while (Date.now() < deadline) {
    if (await createFolder(folder)) {
      reused = false;
      const { tools, owned = false, environment = {}, emulatedVersion } = options;
      const given: SupervisorOptions = { tools, owned, environment, emulatedVersion };
      const args = [JSON.stringify(given)];
      const supervisor = await spawnSupervisor({ entry, folder, args, log: logFile(folder), owned });
      await writeRecord(folder, { phase: "starting", supervisor });
    }
    const record = await awaitStart(folder, deadline);
    if (record?.server !== undefined && (await isHealthy(folder, record))) {
      return describe(folder, record.server, record.startedIn ?? 0, reused);
    }
    if (record?.phase === "failed" && !reused) throw await failure(folder, record);
    if (record !== undefined) await stopControlPlane(folder);
  }
  throw new Error(`the control plane in ${folder} did not start in time, see ${logFile(folder)}`);
}

/** Looks at the control plane of a folder without changing anything. */
export async function controlPlaneStatus(folder: string): Promise<ControlPlaneStatus> {
  const record = await readRecord(resolve(folder));
  if (record === undefined) return { state: "absent" };
  if (record.phase === "starting" && belongsTo(resolve(folder), record.supervisor)) return { state: "starting" };
  if (record.server === undefined || !(await isHealthy(resolve(folder), record))) return { state: "broken" };
  return { state: "running", server: record.server };
}

/** Ends the control plane of a folder and removes the folder. False where there was none. */
export async function stopControlPlane(folder: string): Promise<boolean> {
  const home = resolve(folder);
  const record = await readRecord(home);
  if (record === undefined) return false;
  if (belongsTo(home, record.supervisor)) {
    // It may be in the middle of a start, which it completes first.
    signal(record.supervisor, "SIGTERM");
    const deadline = Date.now() + 30_000;
    while (belongsTo(home, record.supervisor) && Date.now() < deadline) await sleep(20);
  }
  await clear(home);
  return true;
}

function describe(folder: string, server: string, startedIn: number, reused: boolean): ControlPlane {
  const stop = async () => {
    await stopControlPlane(folder);
  };
  return {
    kind: "simulated",
    folder,
    kubeconfig: kubeconfigFile(folder),
    context: contextName,
    server,
    startedIn,
    reused,
    stop,
  };
}

/** The record once the start is over, one way or the other; undefined if there is no start going on. */
async function awaitStart(folder: string, deadline: number): Promise<ControlPlaneRecord | undefined> {
  const noted = Date.now() + 5000;
  while (Date.now() < deadline) {
    const record = await readRecord(folder);
    if (record === undefined) {
      if (Date.now() > noted) await removeAbandoned(folder, [logFile(folder)], "a control plane");
      if (!(await exists(folder))) return undefined;
    } else if (record.phase !== "starting" || !belongsTo(folder, record.supervisor)) return readRecord(folder);
    await sleep(30);
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The logs go with the folder, so their end goes into the error. */
async function failure(folder: string, record: ControlPlaneRecord): Promise<Error> {
  const log = await readFile(logFile(folder), "utf8").catch(() => "");
  await clear(folder);
  const end = log.trimEnd().split("\n").slice(-20).join("\n");
  return new Error(`the control plane did not start: ${record.error ?? "unknown"}\n${end}`);
}
