/** How supervisors are started: processes of their own, one for each folder. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { basename, dirname } from "node:path";
import process from "node:process";

/** Node before 23.6 needs to be told; the supervisor runs on whatever Node its starter runs on. */
const typeStripping = process.features.typescript === false ? ["--experimental-strip-types"] : [];

/** False where the folder is there already: creating it is what decides between several starts at once. */
export async function createFolder(folder: string): Promise<boolean> {
  await mkdir(dirname(folder), { recursive: true });
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes a folder whose starter was killed before it wrote down what it had started.
 *
 * @param files which the starter writes before: whatever else is there is not ours to remove
 * @throws Error when there is something else
 */
export async function removeAbandoned(folder: string, files: readonly string[], what: string): Promise<void> {
  const ours = files.map((file) => basename(file));
  if ((await readdir(folder).catch(() => [])).some((name) => !ours.includes(name))) {
    throw new Error(`${folder} is not the folder of ${what}; choose one that does not exist`);
  }
  await rm(folder, { recursive: true, force: true });
}

export interface Supervision {
  /** TypeScript file of the supervisor. */
  readonly entry: string;
  /** Its first argument, by which its processes are known too. */
  readonly folder: string;
  readonly args?: readonly string[];
  /** File for all that it writes. */
  readonly log: string;
  /** Whether it reads of its owner's end from its standard input. */
  readonly owned: boolean;
}

/** Starts a supervisor, which outlives this process unless it is owned. Returns its process id. */
export async function spawnSupervisor({ entry, folder, args = [], log, owned }: Supervision): Promise<number> {
  const output = openSync(log, "a");
  const child = spawn(process.execPath, [...typeStripping, entry, `${folder}/`, ...args], {
    cwd: folder,
    detached: true,
    stdio: [owned ? "pipe" : "ignore", output, output],
  });
  closeSync(output);
  await new Promise((done, fail) => child.once("spawn", done).once("error", fail));
  child.unref();
  // The owner's end of the pipe stays open as long as the owner lives, without keeping it alive.
  (child.stdin as Socket | null)?.unref();
  return child.pid ?? 0;
}
