import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, rmSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./errors.ts";

/** Who holds a lock. A process id alone could have been given to somebody else since. */
export interface Owner {
  readonly pid: number;
  readonly processStart: string;
  readonly since: string;
}

const pollInterval = 250;
const guardPatience = 10_000;

/**
 * Runs `work` while holding the lock file `path`. Another holder is waited for, and reported once; the lock of a process that has ended
 * is taken over.
 */
export async function withLock<T>(
  path: string,
  options: { readonly signal: AbortSignal; readonly onWait: (owner: Owner) => void },
  work: () => Promise<T>,
): Promise<T> {
  const me: Owner = { pid: process.pid, processStart: processStart(process.pid), since: new Date().toISOString() };
  let reported: number | undefined;
  while (!tryCreate(path, me)) {
    const owner = readOwner(path);
    const stale = owner !== undefined && !isAlive(owner);
    if (stale) {
      removeStale(path, owner);
    } else if (owner !== undefined && reported !== owner.pid) {
      options.onWait(owner);
      reported = owner.pid;
    }
    await sleep(stale ? 10 : pollInterval, undefined, { signal: options.signal });
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Creates the lock with its content in one step, so that nobody ever reads half of it. */
function tryCreate(path: string, owner: Owner): boolean {
  const draft = `${path}.${owner.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, JSON.stringify(owner));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** Undefined if the lock has been released meanwhile. */
function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes the lock if it still is that owner's. One process at a time does so: else a second one could remove the first one's new lock. */
function removeStale(path: string, stale: Owner): void {
  const guard = `${path}.takeover`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    removeForgotten(guard);
    return;
  }
  try {
    if (JSON.stringify(readOwner(path)) === JSON.stringify(stale)) rmSync(path);
  } finally {
    rmdirSync(guard);
  }
}

/** A guard lives for a moment; an old one was left by a process that was killed in that moment. */
function removeForgotten(guard: string): void {
  try {
    if (Date.now() - statSync(guard).mtimeMs > guardPatience) rmdirSync(guard);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

function isAlive(owner: Owner): boolean {
  return processStart(owner.pid) === owner.processStart;
}

/** A text that no later process with the same id shares; empty for a process that has ended. */
export function processStart(pid: number): string {
  try {
    if (process.platform === "linux") {
      // The second field is the program's name in brackets and may hold spaces; the start time is the 20th after it.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      return fields[0] === "Z" ? "" : (fields[19] ?? "");
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}
