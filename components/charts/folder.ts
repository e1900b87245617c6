/** Reads a folder of charts as it lies there. Runs before the graph is built. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";

/** What lies at one path of the folder; folders themselves are none. */
export type FolderEntry =
  | { readonly kind: "file"; readonly path: string; readonly content: Buffer }
  /** Larger than what is read. */
  | { readonly kind: "large"; readonly path: string; readonly bytes: number }
  /** A link, a socket, a device. */
  | { readonly kind: "other"; readonly path: string };

/**
 * Its files in the order of their paths, with slashes. Whatever begins with a dot is left out: editors, git and the
 * file system put it there.
 *
 * @param largest files above this many bytes are not read
 * @returns undefined where there is no such folder
 */
export async function readChartFolder(directory: string, largest: number): Promise<FolderEntry[] | undefined> {
  const top = resolve(directory);
  const found = await stat(top).catch(() => undefined);
  return found?.isDirectory() === true ? entriesIn(top, "", largest) : undefined;
}

async function entriesIn(top: string, below: string, largest: number): Promise<FolderEntry[]> {
  const all = await readdir(join(top, below), { withFileTypes: true });
  const shown = all.filter(({ name }) => !name.startsWith(".")).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const entries: FolderEntry[] = [];
  for (const entry of shown) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) entries.push(...(await entriesIn(top, path, largest)));
    else entries.push(entry.isFile() ? await fileAt(top, path, largest) : { kind: "other", path });
  }
  return entries;
}

async function fileAt(top: string, path: string, largest: number): Promise<FolderEntry> {
  const { size } = await stat(join(top, path));
  if (size > largest) return { kind: "large", path, bytes: size };
  return { kind: "file", path, content: await readFile(join(top, path)) };
}
