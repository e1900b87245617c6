/** Operations that end in the middle, as by a power cut: nobody gets the chance to put anything in order. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { signal } from "../../bench/control-plane/processes.ts";
import type { Engine, OperationResult } from "../../bench/engine/engine.ts";

export type Operation = "up" | "destroy";

/**
 * Starts an operation and kills CLI, plugins and program at once, as soon as so many resources are done.
 *
 * @param state folder of the engine
 * @returns whether it was killed; false if it was faster
 */
export async function breakOff(engine: Engine, operation: Operation, state: string, after: number): Promise<boolean> {
  const progress = { ended: false };
  // What is left of a killed one cannot be read.
  const running: Promise<OperationResult | undefined> = engine[operation]()
    .catch(() => undefined)
    .finally(() => {
      progress.ended = true;
    });
  while (!progress.ended && done(state) < after) await sleep(100);
  const killed = !progress.ended;
  for (const pid of processesOf(state)) signal(pid, "SIGKILL");
  await running;
  // What a person does whose machine was cut off: the lock of a backend that is a folder stays.
  await engine.run(["cancel", "--yes", "--stack", "dev"]).catch(() => undefined);
  return killed;
}

/** Resources that the running operation has finished. */
function done(state: string): number {
  const logs = readdirSync(state).filter((name) => name.startsWith("events-"));
  const log = logs[0] === undefined ? "" : join(state, logs[0]);
  return existsSync(log) ? readFileSync(log, "utf8").split('"resOutputsEvent"').length - 1 : 0;
}

/** Everything that the engine has started knows its home. */
function processesOf(state: string): number[] {
  const home = `PULUMI_HOME=${join(state, "home")}\0`;
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && environmentOf(pid).includes(home));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    // It has ended, or is somebody else's.
    return "";
  }
}
