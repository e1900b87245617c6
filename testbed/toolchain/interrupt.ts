import { ToolchainInterrupted } from "./errors.ts";

/**
 * Runs `work` with a signal that aborts on Ctrl-C and SIGTERM, or with the caller's own. Either way an abort ends in ToolchainInterrupted,
 * after `work` has tidied up.
 */
export async function withInterrupt<T>(
  given: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const signal = given ?? controller.signal;
  const interrupt = (): void => {
    controller.abort();
  };
  if (given === undefined) process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ToolchainInterrupted(
      "Interrupted. Finished tools stay in the cache; the next run goes on with the others.",
      { cause: error },
    );
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}
