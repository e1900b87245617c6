import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { withInterrupt } from "./interrupt.ts";
import { withLock } from "./lock.ts";
import { defaultProgress } from "./progress.ts";
import { run } from "./run.ts";
import { cacheDirectory, clearScratch } from "./store.ts";

/** What apt says is installed. */
const dpkgStatus = "/var/lib/dpkg/status";

/**
 * Unpacks packages of the machine's own distribution, with all that they need and the machine lacks, into a folder of
 * the user's cache. Nothing is installed, and the machine's package lists stay as they are. A folder `usr` below the
 * one returned holds everything: laid over the machine's own, it makes the programs run.
 *
 * @throws ToolchainError where there is no apt-get, or it finds no such package.
 */
export async function debianPackages(names: readonly string[]): Promise<string> {
  const cache = cacheDirectory(process.env);
  // What is missing depends on what is installed.
  const installed = readFileSync(dpkgStatus);
  const key = createHash("sha256").update(names.toSorted().join(" ")).update(installed).digest("hex").slice(0, 12);
  const folder = join(cache, "packages", key);
  if (!existsSync(folder)) {
    await withInterrupt(undefined, async (signal) => {
      mkdirSync(dirname(folder), { recursive: true });
      const lock = join(cache, "packages", "lock");
      await withLock(lock, { signal, onWait: () => undefined }, async () => {
        if (!existsSync(folder)) await unpack(names, folder, signal);
      });
    });
  }
  return folder;
}

async function unpack(names: readonly string[], folder: string, signal: AbortSignal): Promise<void> {
  const scratch = `${folder}.tmp`;
  const archives = join(scratch, "archives");
  const tree = join(scratch, "tree");
  await clearScratch(scratch);
  for (const part of [join(archives, "partial"), join(scratch, "lists", "partial"), join(tree, "usr")]) {
    mkdirSync(part, { recursive: true });
  }
  // The layout of every distribution with apt today: there is one tree of programs, below /usr.
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(tree, "usr", name));
    symlinkSync(`usr/${name}`, join(tree, name));
  }
  const options = [
    `Dir::State::lists=${join(scratch, "lists")}`,
    `Dir::Cache=${scratch}`,
    `Dir::Cache::archives=${archives}`,
    // Nothing of the machine's own is written, so nothing has to be locked.
    "Debug::NoLocking=1",
    // Its usual user may not enter the cache of another one.
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  try {
    await defaultProgress().follow(`unpacking ${names.join(", ")}`, async () => {
      await run("apt-get", [...options, "--quiet", "update"], { signal });
      const wanted = ["--yes", "--no-install-recommends", "--download-only", "--reinstall", "install", ...names];
      await run("apt-get", [...options, "--quiet", ...wanted], { signal });
      for (const archive of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
        await run("dpkg-deb", ["--extract", join(archives, archive), tree], { signal });
      }
    });
    renameSync(tree, folder);
  } finally {
    await clearScratch(scratch);
  }
}
