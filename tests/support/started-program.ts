/** Programs that tests start, ask and wait for. */
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** For `sh -c`, before a program and its arguments: it ends with whoever holds its standard input, even if that one is killed. */
export const supervise = '"$@" <&- & read -r _; kill -9 $!; wait';

/** How a program ended, and what it printed. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, output };
}

/** Status of an address; 0 as long as nobody listens. */
export async function statusOf(address: string): Promise<number> {
  try {
    return (await fetch(address)).status;
  } catch {
    return 0;
  }
}

/** Waits until an address answers with the status. @param log what the program has printed so far */
export async function untilStatus(address: string, status: number, log: () => string): Promise<void> {
  const end = Date.now() + 60_000;
  while ((await statusOf(address)) !== status) {
    if (Date.now() > end) throw new Error(`${new URL(address).pathname} never answered ${status}:\n${log()}`);
    await sleep(100);
  }
}
