/** What an image is made of, and the archive that it becomes. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Toolchain } from "../toolchain/toolchain.ts";
import { type ImageConfig, writeArchive } from "./archive.ts";
import { ensureLayer, layerKey, type LayerFile, type LayerRecipe, type Workshop } from "./layer.ts";

/** What recipes are made from. */
export interface Ingredients {
  readonly toolchain: Pick<Toolchain, "path">;
  readonly workshop: Workshop;
}

/** Where the programs of most images are found. */
export const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface ImageRecipe {
  /** Layers, the lowest one first. */
  readonly layers: readonly LayerRecipe[];
  readonly config: ImageConfig;
}

/** Changed whenever the same recipe yields another archive. */
const format = 1;

/** Where the archive of this recipe belongs. Anything that changes its content changes the path. */
export function archivePath(reference: string, recipe: ImageRecipe, cache: string): string {
  const key = createHash("sha256")
    .update(JSON.stringify([format, process.arch, reference, recipe.config, recipe.layers.map(layerKey)]))
    .digest("hex")
    .slice(0, 12);
  const name =
    reference
      .split("@")[0]
      ?.split("/")
      .at(-1)
      ?.replaceAll(/[^\w.-]/g, "-") ?? "image";
  return join(cache, "archives", `${name}-${key}.tar`);
}

/** The archive from the cache, or made now, from cached layers as far as there are. */
export async function ensureArchive(reference: string, recipe: ImageRecipe, workshop: Workshop): Promise<string> {
  const file = archivePath(reference, recipe, workshop.cache);
  if (existsSync(file)) return file;
  const layers: LayerFile[] = [];
  for (const layer of recipe.layers) layers.push(await ensureLayer(layer, workshop));
  await writeArchive({ reference, config: recipe.config, layers }, file, workshop);
  return file;
}
