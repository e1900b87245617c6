/** Opens the images' part of the user's cache for work. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { withInterrupt } from "../toolchain/interrupt.ts";
import { withLock } from "../toolchain/lock.ts";
import { defaultProgress, type Progress } from "../toolchain/progress.ts";
import { cacheDirectory, clearScratch } from "../toolchain/store.ts";
import type { Workshop } from "./layer.ts";

export interface WorkshopOptions {
  /** @default standard error */
  readonly progress?: Progress;
  /** Ends the work. @default Ctrl-C and SIGTERM do */
  readonly signal?: AbortSignal;
}

/** Does the work while no other process makes images. */
export async function inWorkshop<T>(options: WorkshopOptions, work: (workshop: Workshop) => Promise<T>): Promise<T> {
  return withInterrupt(options.signal, async (signal) => {
    const cache = join(cacheDirectory(process.env), "images");
    const progress = options.progress ?? defaultProgress();
    const workshop: Workshop = { cache, scratch: join(cache, "tmp"), progress, signal };
    mkdirSync(cache, { recursive: true });
    const onWait = ({ pid, since }: { readonly pid: number; readonly since: string }): void => {
      progress.note(`Waiting for process ${pid}, which has been making images since ${since}.`);
    };
    return withLock(join(cache, "lock"), { signal, onWait }, async () => {
      // What an interrupted run left; nobody else is at work while we hold the lock.
      await clearScratch(workshop.scratch);
      mkdirSync(workshop.scratch);
      try {
        return await work(workshop);
      } finally {
        await clearScratch(workshop.scratch);
      }
    });
  });
}
