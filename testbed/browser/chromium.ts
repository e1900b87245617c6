/** A Chromium for tests, from Debian's package, in a root of its own: nothing is installed on the machine. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import { debianFormat, type DebianTree, debianUnavailable, makeDebianTree } from "../images/debian.ts";
import type { Workshop } from "../images/layer.ts";
import { withInterrupt } from "../toolchain/interrupt.ts";
import { withLock } from "../toolchain/lock.ts";
import { defaultProgress } from "../toolchain/progress.ts";
import { findProgram } from "../toolchain/search-path.ts";
import { cacheDirectory, clearScratch, publish } from "../toolchain/store.ts";

/** The user as whom the browser runs. */
export const browserUser = 1000;

/** An installed Chromium. */
export interface Chromium {
  /** Folder that becomes the browser's root. */
  readonly root: string;
  /** Version of Debian's package. */
  readonly version: string;
}

const tree: DebianTree = {
  suite: "trixie",
  // certutil writes the authorities that the browser trusts.
  packages: ["chromium", "fonts-dejavu-core", "libnss3-tools"],
  // The launcher mounts each browser's own hosts file over this one.
  after: [`useradd --uid ${browserUser} --user-group --create-home browser`, "touch /etc/hosts"],
};

/** Why there can be no browser on this machine; undefined when there can. */
export function chromiumUnavailable(): string | undefined {
  if (process.platform !== "linux") return "the browser runs on Linux only";
  if (process.getuid?.() !== 0) return "the browser needs root: it runs in a root of its own";
  const missing = ["apt-get", "dpkg", "unshare", "chroot", "perl"].filter(
    (program) => findProgram(program, process.env) === undefined,
  );
  if (missing.length > 0) return `the browser cannot be had without ${missing.join(", ")}`;
  return debianUnavailable();
}

/** Makes sure that Chromium is in the user's cache: installed once, in about a minute. */
export async function ensureChromium(): Promise<Chromium> {
  const cache = join(cacheDirectory(process.env), "browser");
  const key = createHash("sha256")
    .update(JSON.stringify([process.arch, debianFormat, tree]))
    .digest("hex")
    .slice(0, 12);
  const root = join(cache, `chromium-${key}`);
  if (!existsSync(root)) await withInterrupt(undefined, (signal) => install(cache, root, signal));
  return { root, version: versionOf(root) };
}

async function install(cache: string, root: string, signal: AbortSignal): Promise<void> {
  const progress = defaultProgress();
  const workshop: Workshop = { cache, scratch: join(cache, "tmp"), progress, signal };
  mkdirSync(cache, { recursive: true });
  const onWait = ({ pid, since }: { readonly pid: number; readonly since: string }): void => {
    progress.note(`Waiting for process ${pid}, which has been installing the browser since ${since}.`);
  };
  await withLock(join(cache, "lock"), { signal, onWait }, async () => {
    if (existsSync(root)) return;
    await clearScratch(workshop.scratch);
    mkdirSync(workshop.scratch);
    try {
      const draft = join(await mkdtemp(join(workshop.scratch, "root-")), "tree");
      await progress.follow("installing Chromium", () => makeDebianTree(tree, draft, workshop));
      publish(draft, root);
    } finally {
      await clearScratch(workshop.scratch);
    }
  });
}

function versionOf(root: string): string {
  const query = ["--root", root, "--show", "--showformat=${Version}", "chromium"];
  return execFileSync("dpkg-query", query, { encoding: "utf8" });
}
