/** Layers made of single files. */
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { chmod, chown, copyFile, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { digestOf, type LayerRecipe } from "./layer.ts";

/** What lies at one path of an image. Owned by root unless it says otherwise. */
export type Entry =
  | { readonly kind: "text"; readonly text: string; readonly mode?: number }
  /** A file of this machine. */
  | { readonly kind: "file"; readonly from: string; readonly mode?: number }
  /** A folder of this machine, with all that is in it; its files are readable by everybody. */
  | { readonly kind: "tree"; readonly from: string }
  | { readonly kind: "link"; readonly to: string }
  | { readonly kind: "folder"; readonly mode?: number; readonly owner?: readonly [user: number, group: number] };

/** A layer of these entries, by absolute path. Its identity is their content. */
export async function filesLayer(name: string, entries: Readonly<Record<string, Entry>>): Promise<LayerRecipe> {
  const identity = await Promise.all(
    Object.entries(entries).map(async ([path, entry]) => [path, entry.kind, await contentOf(entry)]),
  );
  return {
    name,
    identity: JSON.stringify(identity),
    fill: async (tree) => {
      for (const [path, entry] of Object.entries(entries)) {
        const target = join(tree, path);
        await makeFolders(tree, dirname(path));
        await place(entry, target);
      }
    },
  };
}

async function contentOf(entry: Entry): Promise<unknown> {
  if (entry.kind === "file") return [await digestOf(entry.from), entry.mode];
  if (entry.kind === "tree") return treeDigest(entry.from);
  return entry;
}

/** Digest over the paths and contents of all files of a folder. */
export async function treeDigest(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(folder, path);
    if (statSync(file).isFile()) hash.update(`${path}\0${await digestOf(file)}\n`);
  }
  return hash.digest("hex");
}

async function place(entry: Entry, target: string): Promise<void> {
  switch (entry.kind) {
    case "text":
      await writeFile(target, entry.text);
      return chmod(target, entry.mode ?? 0o644);
    case "file":
      await copyFile(entry.from, target);
      return chmod(target, entry.mode ?? 0o755);
    case "tree":
      await cp(entry.from, target, { recursive: true, dereference: true });
      return readable(target);
    case "link":
      return symlink(entry.to, target);
    case "folder":
      await mkdir(target, { recursive: true });
      await chmod(target, entry.mode ?? 0o755);
      return chown(target, ...(entry.owner ?? [0, 0]));
  }
}

/** Parents have the mode that they have everywhere, not what the user's umask makes of it. */
async function makeFolders(tree: string, path: string): Promise<void> {
  let folder = tree;
  for (const part of path.split("/").filter((each) => each !== "")) {
    folder = join(folder, part);
    if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755);
  }
}

async function readable(path: string): Promise<void> {
  for (const entry of [".", ...readdirSync(path, { recursive: true, encoding: "utf8" })]) {
    const each = join(path, entry);
    const { mode } = statSync(each);
    await chmod(each, statSync(each).isDirectory() || (mode & 0o100) !== 0 ? 0o755 : 0o644);
    await chown(each, 0, 0);
  }
}
