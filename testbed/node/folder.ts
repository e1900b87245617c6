import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "../control-plane/json-file.ts";

/** What the supervisor of a node tells about it, in its folder. */
export interface NodeRecord {
  readonly phase: "starting" | "ready" | "failed";
  readonly supervisor: number;
  /** First process of its namespaces. */
  readonly init?: number;
  /** URL of the API server, on loopback. */
  readonly server?: string;
  /** How long the start took, in milliseconds. */
  readonly startedIn?: number;
  readonly error?: string;
}

export const kubeconfigFile = (folder: string): string => join(folder, "kubeconfig");
export const logFile = (folder: string): string => join(folder, "supervisor.log");
/** What the supervisor is to do. */
export const optionsFile = (folder: string): string => join(folder, "options.json");
const recordFile = (folder: string): string => join(folder, "node.json");

/** Undefined where there is no node. */
export async function readRecord(folder: string): Promise<NodeRecord | undefined> {
  return readJson<NodeRecord>(recordFile(folder));
}

export async function writeRecord(folder: string, record: NodeRecord): Promise<void> {
  await writeJson(recordFile(folder), record);
}

/** The last lines of a log; empty where there is none. */
export function endOf(file: string, lines: number): string {
  if (!existsSync(file)) return "";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
