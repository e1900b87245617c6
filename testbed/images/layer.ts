/** Layers of images: made once for what they are made of, and kept in the cache. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import type { Progress } from "../toolchain/progress.ts";
import { run } from "../toolchain/run.ts";
import { publish } from "../toolchain/store.ts";

/** A layer, and how its content comes about. */
export interface LayerRecipe {
  /** Short, for the cache and the progress. */
  readonly name: string;
  /** Everything that determines the content, as a text. */
  readonly identity: string;
  /** Writes the content into an empty folder, with the owners and modes it shall have. */
  readonly fill: (tree: string, workshop: Workshop) => Promise<void>;
}

/** A finished layer: an uncompressed tar archive, which the node need not unpack twice. */
export interface LayerFile {
  readonly file: string;
  readonly digest: `sha256:${string}`;
  /** In bytes. */
  readonly size: number;
}

/** Where layers are made. */
export interface Workshop {
  /** The images' part of the cache. */
  readonly cache: string;
  /** For what nobody needs afterwards; below the cache, so that finished things can be moved. */
  readonly scratch: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Identifies what a layer holds. */
export function layerKey(recipe: LayerRecipe): string {
  return createHash("sha256")
    .update(JSON.stringify([process.arch, recipe.name, recipe.identity]))
    .digest("hex")
    .slice(0, 12);
}

/** The layer from the cache, or made now. */
export async function ensureLayer(recipe: LayerRecipe, workshop: Workshop): Promise<LayerFile> {
  const folder = join(workshop.cache, "layers", `${recipe.name}-${layerKey(recipe)}`);
  if (!existsSync(folder)) {
    await workshop.progress.follow(`layer ${recipe.name}`, () => makeLayer(recipe, folder, workshop));
  }
  const file = join(folder, "layer.tar");
  const digest = readFileSync(join(folder, "digest"), "utf8") as `sha256:${string}`;
  return { file, digest, size: (await stat(file)).size };
}

async function makeLayer(recipe: LayerRecipe, folder: string, workshop: Workshop): Promise<void> {
  const place = await mkdtemp(join(workshop.scratch, `${recipe.name}-`));
  const tree = join(place, "tree");
  const draft = join(place, "draft");
  await mkdir(tree);
  await mkdir(draft);
  // It becomes the root of the container's file system.
  await chmod(tree, 0o755);
  await recipe.fill(tree, workshop);
  const file = join(draft, "layer.tar");
  await run("tar", [...reproducible, "-C", tree, "-cf", file, "."], { signal: workshop.signal });
  await writeFile(join(draft, "digest"), await digestOf(file));
  publish(draft, folder);
  await rm(place, { recursive: true, force: true });
}

/** The same files give the same bytes, whenever and by whomever they were written. */
export const reproducible = ["--sort=name", "--mtime=@0", "--numeric-owner", "--format=gnu"] as const;

/** Digest of a file, in the notation of OCI. */
export async function digestOf(file: string): Promise<`sha256:${string}`> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return `sha256:${hash.digest("hex")}`;
}
