/** What is kept between two runs: files named by a digest of what they come from, so that they are never stale. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** Where npm packages keep their caches; it goes with `node_modules`. */
export const cacheFolder = resolve(import.meta.dirname, "../../node_modules/.cache/datalab/charts");

/** Content of a cached file; undefined where there is none. */
export async function readCached(name: string): Promise<Buffer | undefined> {
  return readFile(join(cacheFolder, name)).catch(() => undefined);
}

/** Keeps a file. It gets its name when it is whole: another run may be reading. */
export async function keep(name: string, content: Buffer | string): Promise<void> {
  const partial = join(cacheFolder, `${name}.${randomUUID()}`);
  await mkdir(cacheFolder, { recursive: true });
  await writeFile(partial, content);
  await rename(partial, join(cacheFolder, name));
}
