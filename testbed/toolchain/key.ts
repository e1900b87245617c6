import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Recipe } from "./recipes.ts";

/** Flags of every build. */
export const goFlags = ["-mod=readonly", "-trimpath", "-buildvcs=false"] as const;

/** The parts of the linker's flags that all programs share: no symbol tables, which nobody debugs here. */
export const linkFlags = ["-s", "-w"] as const;

/**
 * Identifies what the recipe yields: it changes with anything that could change the result, and with nothing else, so that a changed
 * recipe rebuilds that tool alone.
 */
export function cacheKey(recipe: Recipe, goFolder: string): string {
  const hash = createHash("sha256");
  const shared = { platform: process.platform, arch: process.arch, goFlags, linkFlags };
  hash.update(JSON.stringify([recipe, shared]));
  const folder = join(goFolder, recipe.group);
  for (const path of ["go.mod", "go.sum", ...recipe.sources, ...(recipe.companions ?? [])]) addTree(folder, path);
  return hash.digest("hex").slice(0, 12);

  function addTree(root: string, path: string): void {
    const full = join(root, path);
    if (statSync(full).isDirectory()) {
      for (const entry of readdirSync(full).sort()) addTree(root, `${path}/${entry}`);
    } else {
      hash.update(`\0${path}\0`).update(readFileSync(full));
    }
  }
}
