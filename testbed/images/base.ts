/** The Debian that most images stand on, and what is added to it or hidden from it. */
import { mkdir, mkdtemp, readdir, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { run } from "../toolchain/run.ts";
import { debianFormat, type DebianTree, makeDebianTree } from "./debian.ts";
import { ensureLayer, type LayerRecipe, type Workshop } from "./layer.ts";

/** The language of most upstream images. */
const english = ["localedef -i en_US -f UTF-8 en_US.UTF-8", "rm -rf /usr/share/i18n"];

const baseTree: DebianTree = { suite: "trixie", packages: ["ca-certificates", "locales"], after: english };

/** A layer with a whole Debian. */
export function debian(name: string, tree: DebianTree): LayerRecipe {
  return {
    name,
    identity: JSON.stringify([debianFormat, tree]),
    fill: (folder, workshop) => makeDebianTree(tree, folder, workshop),
  };
}

/** The layer that images share. */
export const base = debian("debian", baseTree);

/** What further packages add to the base. */
export function addition(name: string, packages: readonly string[]): LayerRecipe {
  const tree = { ...baseTree, packages: [...baseTree.packages, ...packages] };
  return {
    name,
    identity: JSON.stringify([debianFormat, tree]),
    fill: async (folder, workshop) => {
      await makeDebianTree(tree, folder, workshop);
      await subtract(folder, await unpackedBase(workshop));
    },
  };
}

/**
 * Hides the programs of all packages but these. Upstream's smallest images have no others, and what the platform runs
 * in them must not lean on any.
 */
export function onlyProgramsOf(name: string, packages: readonly string[]): LayerRecipe {
  return {
    name,
    identity: JSON.stringify([base.identity, packages]),
    fill: async (folder, workshop) => {
      const tree = await unpackedBase(workshop);
      const kept = new Set(packages.flatMap((each) => filesOf(tree, each)));
      for (const programs of ["usr/bin", "usr/sbin"]) {
        await mkdir(join(folder, programs), { recursive: true });
        for (const program of await readdir(join(tree, programs))) {
          // A file of this name tells the node to leave out what lower layers have there.
          if (!kept.has(program)) await writeFile(join(folder, programs, `.wh.${program}`), "");
        }
      }
      // There, the shell is bash under both names.
      await rm(join(folder, "usr/bin/.wh.sh"), { force: true });
      await symlink("bash", join(folder, "usr/bin/sh"));
    },
  };
}

/** Names of the programs of an installed package. */
function filesOf(tree: string, packageName: string): string[] {
  const list = readFileSync(join(tree, `var/lib/dpkg/info/${packageName}.list`), "utf8").split("\n");
  return list.filter((path) => /^(\/usr)?\/s?bin\/./.test(path)).map((path) => path.split("/").at(-1) ?? "");
}

async function unpackedBase(workshop: Workshop): Promise<string> {
  const { file } = await ensureLayer(base, workshop);
  const tree = await mkdtemp(join(workshop.scratch, "base-"));
  await run("tar", ["-C", tree, "-xpf", file], { signal: workshop.signal });
  return tree;
}

/** Removes from `folder` what `lower` has just the same. */
async function subtract(folder: string, lower: string): Promise<void> {
  for (const { name } of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, name);
    const below = join(lower, name);
    if (!isSame(path, below)) continue;
    if (!lstatSync(path).isDirectory()) {
      await rm(path);
    } else {
      await subtract(path, below);
      if ((await readdir(path)).length === 0) await rmdir(path);
    }
  }
}

/** Directories are the same when their own attributes are. */
function isSame(path: string, below: string): boolean {
  const one = lstatSync(path);
  const other = lstatSync(below, { throwIfNoEntry: false });
  if (other === undefined || one.mode !== other.mode || one.uid !== other.uid || one.gid !== other.gid) return false;
  if (one.isSymbolicLink()) return readlinkSync(path) === readlinkSync(below);
  if (!one.isFile()) return one.rdev === other.rdev;
  return one.size === other.size && readFileSync(path).equals(readFileSync(below));
}
