import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeKwokCluster } from "./kwok-cluster.ts";
import { notedPids } from "./pids.ts";
import { endProcesses, endProgramsIn } from "./processes.ts";

/** What the supervisor of a control plane tells about it, in its folder. */
export interface ControlPlaneRecord {
  readonly phase: "starting" | "ready" | "failed";
  readonly supervisor: number;
  readonly server?: string;
  /** How long the start took, in milliseconds. */
  readonly startedIn?: number;
  readonly error?: string;
}

export const kubeconfigFile = (folder: string): string => join(folder, "kubeconfig");
export const logFile = (folder: string): string => join(folder, "supervisor.log");

const recordFile = (folder: string): string => join(folder, "control-plane.json");

/** Undefined where there is no control plane. */
export async function readRecord(folder: string): Promise<ControlPlaneRecord | undefined> {
  if (!existsSync(recordFile(folder))) return undefined;
  return JSON.parse(await readFile(recordFile(folder), "utf8")) as ControlPlaneRecord;
}

export async function writeRecord(folder: string, record: ControlPlaneRecord): Promise<void> {
  // Readers never see half a file.
  const draft = `${recordFile(folder)}.${process.pid}`;
  await writeFile(draft, JSON.stringify(record));
  await rename(draft, recordFile(folder));
}

/** Ends every process of the control plane but this one, and removes its folder. */
export async function clear(folder: string): Promise<void> {
  // kwokctl first: it may still be starting others.
  await endProcesses(folder, await notedPids(folder));
  await removeKwokCluster(folder);
  // One that kwokctl had no time to note.
  await endProgramsIn(folder);
  await rm(folder, { recursive: true, force: true });
}
