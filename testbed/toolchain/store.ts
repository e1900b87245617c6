import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { cacheKey } from "./key.ts";
import { toolNames, type ItemName, type Recipe } from "./recipes.ts";

/** An item and its place in the cache. The folder exists only when the item is finished: it appears by being renamed. */
export interface Item {
  readonly recipe: Recipe;
  readonly folder: string;
}

/** The user's cache, outside of any checkout. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const { DATALAB_CACHE, XDG_CACHE_HOME } = environment;
  if (DATALAB_CACHE !== undefined && DATALAB_CACHE !== "") return resolve(DATALAB_CACHE);
  // The specification of XDG has relative paths ignored.
  const base = XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache");
  return join(base, "datalab");
}

export function itemsOf(recipes: readonly Recipe[], goFolder: string, cache: string): readonly Item[] {
  return recipes.map((recipe) => {
    const key = cacheKey(recipe, goFolder);
    return { recipe, folder: join(cache, "tools", `${recipe.name}-${recipe.version}-${key}`) };
  });
}

/** The name of an item's main file. */
export function fileName(recipe: Recipe): string {
  return recipe.build.kind === "chart" ? `${basename(recipe.build.directory)}-v${recipe.version}.tgz` : recipe.name;
}

export function cachedNames(items: readonly Item[]): ReadonlySet<ItemName> {
  return new Set(items.filter(isFinished).map(({ recipe }) => recipe.name));
}

function isFinished({ recipe, folder }: Item): boolean {
  return existsSync(join(folder, fileName(recipe)));
}

/**
 * Removes a folder for unfinished things. Programs of a run that was killed may be at work there for another moment: where
 * one of them removes a file meanwhile, rmSync would end without an error, and leave the rest.
 */
export function clearScratch(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Makes the content of `draft` the finished item. */
export function publish(draft: string, folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  // Whatever is there lacks its main file: somebody tidied up by hand.
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
}

const toolNameSet: ReadonlySet<string> = new Set(toolNames);
const pluginPrefix = "pulumi-resource-";

/** Where an item is found below the folder of a toolchain. */
export function linkPath(recipe: Recipe): string {
  if (!toolNameSet.has(recipe.name)) return join("charts", fileName(recipe));
  // Plugins on the PATH make Pulumi warn at each operation; in its own folder they are ordinary ones.
  if (!recipe.name.startsWith(pluginPrefix)) return join("bin", recipe.name);
  const folder = `resource-${recipe.name.slice(pluginPrefix.length)}-v${recipe.version}`;
  return join("pulumi", "plugins", folder, recipe.name);
}

/** The folder of the toolchain made of exactly these items. */
export function toolchainFolder(items: readonly Item[], cache: string): string {
  const hash = createHash("sha256").update(items.map(({ folder }) => basename(folder)).join("\n"));
  return join(cache, "toolchains", hash.digest("hex").slice(0, 12));
}

/** Whether every item can be reached through the toolchain's folder. */
export function isAssembled(items: readonly Item[], folder: string): boolean {
  return items.every(({ recipe }) => existsSync(join(folder, linkPath(recipe))));
}

/** Links the items into one folder, in one step. */
export function assemble(items: readonly Item[], folder: string, draft: string): void {
  for (const { recipe, folder: source } of items) {
    const link = join(draft, linkPath(recipe));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(source, fileName(recipe)), link);
  }
  publish(draft, folder);
}
