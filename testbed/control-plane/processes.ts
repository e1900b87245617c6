import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Whether the process still is one of the control plane in `folder`. Every process of a control plane names its
 * folder on its command line, so that a process id which the system has given to somebody else since is never taken
 * for ours.
 */
export function belongsTo(folder: string, pid: number): boolean {
  return commandLine(pid).includes(`${folder}/`);
}

/** Ends those of `pids` that belong to `folder`, and returns when they are gone. */
export async function endProcesses(folder: string, pids: readonly number[]): Promise<void> {
  const ours = pids.filter((pid) => belongsTo(folder, pid));
  for (const pid of ours) signal(pid, "SIGKILL");
  const deadline = Date.now() + 10_000;
  for (const pid of ours) {
    while (belongsTo(folder, pid)) {
      if (Date.now() > deadline) throw new Error(`process ${pid} of ${folder} does not end`);
      await sleep(20);
    }
  }
}

/**
 * Ends every process whose program lies in `folder`, whoever started it: nobody else has programs in a folder of
 * ours.
 */
export async function endProgramsIn(folder: string): Promise<void> {
  const pids = processIds().filter((pid) => commandLine(pid).startsWith(`${folder}/`));
  await endProcesses(folder, pids);
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function processIds(): number[] {
  const names = existsSync("/proc/self/cmdline")
    ? readdirSync("/proc")
    : execFileSync("ps", ["-axo", "pid="], { encoding: "utf8" }).split("\n");
  return names.map(Number).filter((pid) => pid > 0);
}

/** Empty for a process that has ended, a zombie included. */
function commandLine(pid: number): string {
  try {
    if (existsSync("/proc/self/cmdline")) return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}
