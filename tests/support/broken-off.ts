/** Operations that end in the middle, as by a power cut: nobody gets the chance to put anything in order. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { signal } from "../../testbed/control-plane/processes.ts";
import type { Engine, OperationResult } from "../../testbed/engine/engine.ts";

export type Operation = "up" | "destroy";

/** An operation that runs. */
export interface Running {
  /** Waits until so many resources are done. @returns false if it ended before */
  reaches(after: number): Promise<boolean>;
  /** Presses Ctrl-C: a terminal sends it to the CLI, whose plugins are out of its reach. */
  interrupt(): void;
  /** Kills CLI, plugins and program at once. */
  kill(): void;
  /** How it ended; undefined where so little is left that it cannot be read. */
  readonly result: Promise<OperationResult | undefined>;
}

/** Starts an operation. @param state folder of the engine */
export function start(engine: Engine, operation: Operation, state: string): Running {
  let ended = false;
  const result = engine[operation]()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  return {
    result,
    reaches: async (after) => {
      while (!ended && done(state) < after) await sleep(100);
      return !ended;
    },
    interrupt: () => {
      for (const pid of processesOf(state)) if (isOperation(pid, operation)) signal(pid, "SIGINT");
    },
    kill: () => {
      for (const pid of processesOf(state)) signal(pid, "SIGKILL");
    },
  };
}

/**
 * Starts an operation and kills CLI, plugins and program at once, as soon as so many resources are done.
 *
 * @param state folder of the engine
 * @returns "killed", or how it ended before
 */
export async function breakOff(
  engine: Engine,
  operation: Operation,
  state: string,
  after: number,
): Promise<"killed" | OperationResult | undefined> {
  const running = start(engine, operation, state);
  const killed = await running.reaches(after);
  running.kill();
  const result = await running.result;
  await cancel(engine, state);
  return killed ? "killed" : result;
}

/**
 * What a person does whose machine was cut off, as docs/preflight.md says: the lock of a backend that is a folder stays, and
 * the file beside a checkpoint may be empty, for it is not written in one piece.
 * @see https://github.com/google/go-cloud/blob/master/blob/fileblob/attrs.go
 */
export async function cancel(engine: Engine, state: string): Promise<void> {
  const backend = join(state, "backend", ".pulumi");
  const files = readdirSync(backend, { recursive: true, encoding: "utf8" }).map((name) => join(backend, name));
  for (const file of files) if (file.endsWith(".attrs") && statSync(file).size === 0) rmSync(file);
  await engine.run(["cancel", "--yes", "--stack", "dev"]).catch(() => undefined);
  for (const log of eventLogs(state)) rmSync(log, { force: true });
}

/** Resources that the running operation has finished. */
function done(state: string): number {
  const [log] = eventLogs(state);
  return log === undefined ? 0 : readFileSync(log, "utf8").split('"resOutputsEvent"').length - 1;
}

/** Those that have ended take theirs along, unless they were killed. */
function eventLogs(state: string): string[] {
  const names = readdirSync(state).filter((name) => name.startsWith("events-"));
  return names.map((name) => join(state, name));
}

/** Whether it is the CLI itself. */
function isOperation(pid: number, operation: Operation): boolean {
  const [program = "", ...args] = fileOf(pid, "cmdline").split("\0");
  return program.endsWith("/pulumi") && args[0] === operation;
}

/** Everything that the engine has started knows its home. */
function processesOf(state: string): number[] {
  const home = `PULUMI_HOME=${join(state, "home")}\0`;
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && fileOf(pid, "environ").includes(home));
}

/** Empty where it has ended, or is somebody else's. */
function fileOf(pid: number, name: "environ" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
