import { mkdirSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { buildItem, fetchModules } from "./build.ts";
import { downloadItem } from "./download.ts";
import { ToolchainError } from "./errors.ts";
import { requireGo } from "./go.ts";
import { describe, type Source, type Step } from "./plan.ts";
import type { Progress } from "./progress.ts";
import type { Recipe } from "./recipes.ts";
import { publish, type Item } from "./store.ts";

export interface ObtainOptions {
  readonly goFolder: string;
  /** A folder for everything that is not finished. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Obtains every item that a step names a source for. */
export async function obtainAll(steps: readonly Step[], items: readonly Item[], options: ObtainOptions): Promise<void> {
  const { goFolder, scratch, signal } = options;
  mkdirSync(scratch, { recursive: true });
  const wanted = steps.filter(({ sources }) => sources.length > 0);
  const builds = wanted.filter(({ sources }) => sources[0] === "build");
  if (builds.length > 0) await requireGo(builds, goFolder, { signal });

  const ahead = new ModulesAhead(
    builds.map(({ recipe }) => recipe),
    options,
  );
  try {
    for (const [index, step] of wanted.entries()) {
      ahead.reach(step.recipe.group);
      await obtain(step, `[${index + 1}/${wanted.length}]`, items, options);
    }
  } finally {
    await ahead.ended();
  }
}

/** Tries the step's sources one after another. */
async function obtain(step: Step, count: string, items: readonly Item[], options: ObtainOptions): Promise<void> {
  const { recipe, sources } = step;
  const { progress, signal } = options;
  for (const source of sources) {
    try {
      await progress.follow(`${count} ${verbs[source]} ${describe(recipe)}`, () =>
        obtainFrom(source, recipe, items, options),
      );
      return;
    } catch (error) {
      if (source === sources.at(-1)) throw error;
      signal.throwIfAborted();
      progress.note(`${String(error)}\nTrying to build ${recipe.name} instead.`);
      await requireGo([step], options.goFolder, { signal });
    }
  }
}

const verbs: Readonly<Record<Source, string>> = { build: "building", download: "downloading" };

async function obtainFrom(
  source: Source,
  recipe: Recipe,
  items: readonly Item[],
  options: ObtainOptions,
): Promise<void> {
  const { goFolder, signal } = options;
  const folder = await mkdtemp(join(options.scratch, `${recipe.name}-`));
  const scratch = join(folder, "scratch");
  const result = join(folder, "result");
  mkdirSync(scratch);
  mkdirSync(result);
  if (source === "build") {
    await buildItem(recipe, { goFolder, scratch, result, signal });
  } else {
    if (recipe.download === undefined) throw new ToolchainError(`${recipe.name} is not published for download.`);
    await downloadItem(recipe, recipe.download, { scratch, result, pulumi: mainFile("pulumi", items), signal });
  }
  publish(result, folderOf(recipe.name, items));
}

/** Fetches the modules of the next group while the present one compiles: the network and the processors are then busy at the same time. */
class ModulesAhead {
  readonly #groups: Map<string, Recipe[]>;
  readonly #options: ObtainOptions;
  readonly #running: Promise<void>[] = [];
  #current: string | undefined;

  constructor(recipes: readonly Recipe[], options: ObtainOptions) {
    this.#groups = Map.groupBy(recipes, ({ group }) => group);
    this.#options = options;
  }

  /** The build has come to this group. */
  reach(group: string): void {
    if (group === this.#current) return;
    this.#current = group;
    this.#groups.delete(group);
    for (const [next, recipes] of this.#groups) {
      const { goFolder, signal } = this.#options;
      const scratch = join(this.#options.scratch, `modules-${next}`);
      // The build itself reports what goes wrong.
      this.#running.push(fetchModules(recipes, { goFolder, scratch, signal }).catch(() => undefined));
      return;
    }
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}

function folderOf(name: string, items: readonly Item[]): string {
  const item = items.find(({ recipe }) => recipe.name === name);
  if (item === undefined) throw new Error(`no recipe for ${name}`);
  return item.folder;
}

function mainFile(name: string, items: readonly Item[]): string {
  return join(folderOf(name, items), name);
}
