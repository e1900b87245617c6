import { ToolchainError } from "./errors.ts";
import type { ItemName, Recipe } from "./recipes.ts";

const modes = ["auto", "cache", "online", "offline"] as const;

/** Where tools may come from: found out (`auto`), or forced. */
export type Mode = (typeof modes)[number];

export type Source = "download" | "build";

/** How an item will be obtained. Sources are tried in their order; none means that it is in the cache. */
export interface Step {
  readonly recipe: Recipe;
  readonly sources: readonly Source[];
}

/** Reads the value of DATALAB_TOOLCHAIN. */
export function parseMode(value: string | undefined): Mode {
  if (value === undefined || value === "") return "auto";
  const mode = modes.find((candidate) => candidate === value);
  if (mode === undefined) {
    throw new ToolchainError(`DATALAB_TOOLCHAIN is "${value}"; it must be one of ${modes.join(", ")}.`);
  }
  return mode;
}

/** Decides where each item comes from. `online` tells whether the projects' own downloads can be reached. */
export function plan(
  recipes: readonly Recipe[],
  facts: { readonly cached: ReadonlySet<ItemName>; readonly mode: Mode; readonly online: boolean },
): readonly Step[] {
  const missing = recipes.filter(({ name }) => !facts.cached.has(name));
  if (facts.mode === "cache" && missing.length > 0) {
    throw new ToolchainError(
      `DATALAB_TOOLCHAIN=cache, but the cache lacks ${missing.map(describe).join(", ")}. ` +
        "Unset the variable to have them downloaded or built.",
    );
  }
  return recipes.map((recipe) => {
    if (!missing.includes(recipe)) return { recipe, sources: [] };
    const online = facts.mode === "online" || (facts.mode === "auto" && facts.online);
    if (!online || recipe.download === undefined) return { recipe, sources: ["build"] };
    // A forced mode is meant: no quarter of an hour of building behind the user's back.
    return { recipe, sources: facts.mode === "online" ? ["download"] : ["download", "build"] };
  });
}

export function describe(recipe: Recipe): string {
  return `${recipe.name} ${recipe.version}`;
}
