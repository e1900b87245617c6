import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `done` answers yes; an error counts as no. */
export async function until(
  what: string,
  signal: AbortSignal,
  done: () => Promise<boolean>,
  patience = 300_000,
): Promise<void> {
  const deadline = Date.now() + patience;
  let last: unknown = "not ready";
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    try {
      if (await done()) return;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`${what} did not become ready within ${patience / 1000} s: ${String(last)}`);
}
