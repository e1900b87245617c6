import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readJson, writeJson } from "./json-file.ts";
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
  return readJson<ControlPlaneRecord>(recordFile(folder));
}

export async function writeRecord(folder: string, record: ControlPlaneRecord): Promise<void> {
  await writeJson(recordFile(folder), record);
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
