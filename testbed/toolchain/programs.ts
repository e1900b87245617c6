import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { withInterrupt } from "./interrupt.ts";
import { withLock } from "./lock.ts";
import { obtainAll } from "./obtain.ts";
import { parseMode, plan } from "./plan.ts";
import { defaultProgress } from "./progress.ts";
import { canDownload } from "./reachable.ts";
import type { ItemName, Recipe } from "./recipes.ts";
import { cachedNames, cacheDirectory, clearScratch, fileName, itemsOf } from "./store.ts";

/** Programs that are installed apart from the toolchain, by those who need them. */
export interface ProgramSet {
  /** Names its lock, so that the toolchain does not wait for it. */
  readonly name: string;
  readonly recipes: readonly Recipe[];
  /** Folder of the groups that the recipes name. */
  readonly goFolder: string;
}

/**
 * Makes sure that every program of the set is in the user's cache, and returns their absolute paths.
 *
 * @throws ToolchainError if they cannot be had.
 * @throws ToolchainInterrupted if it was cut short; the next call goes on with what is missing.
 */
export async function ensurePrograms(set: ProgramSet): Promise<ReadonlyMap<ItemName, string>> {
  const items = itemsOf(set.recipes, set.goFolder, cacheDirectory(process.env));
  if (cachedNames(items).size < items.length) await withInterrupt(undefined, (signal) => install(set, signal));
  return new Map(items.map(({ recipe, folder }) => [recipe.name, join(folder, fileName(recipe))]));
}

async function install({ name, recipes, goFolder }: ProgramSet, signal: AbortSignal): Promise<void> {
  const cache = cacheDirectory(process.env);
  const mode = parseMode(process.env["DATALAB_TOOLCHAIN"]);
  const items = itemsOf(recipes, goFolder, cache);
  const progress = defaultProgress();
  const scratch = join(cache, `tmp-${name}`);
  mkdirSync(cache, { recursive: true });
  const onWait = ({ pid, since }: { readonly pid: number; readonly since: string }): void => {
    progress.note(`Waiting for process ${pid}, which has been building the programs of ${name} since ${since}.`);
  };
  await withLock(join(cache, `lock-${name}`), { signal, onWait }, async () => {
    // What an interrupted run left; nobody else is at work while we hold the lock.
    await clearScratch(scratch);
    const cached = cachedNames(items);
    const downloads = recipes.some((recipe) => recipe.download !== undefined && !cached.has(recipe.name));
    const online = mode === "auto" && downloads && (await canDownload(signal));
    try {
      await obtainAll(plan(recipes, { cached, mode, online }), items, { goFolder, scratch, signal, progress });
    } finally {
      await clearScratch(scratch);
    }
  });
}
