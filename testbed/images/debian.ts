/** Trees of Debian packages, made by mmdebstrap from the machine's own Debian mirror. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { run } from "../toolchain/run.ts";
import { publish } from "../toolchain/store.ts";
import { ImageError } from "./errors.ts";
import type { Workshop } from "./layer.ts";

/** What a tree holds: Debian's smallest installation, and these packages with what they need. */
export interface DebianTree {
  readonly suite: "trixie" | "sid";
  readonly packages: readonly string[];
  /** Commands run inside before the packages are installed. */
  readonly before?: readonly string[];
  /** Commands run inside at the end. */
  readonly after?: readonly string[];
}

/** Manuals and translations, of which no pod shows anything. */
const leftOut = ["man", "doc", "locale", "info", "lintian", "bug"].map((name) => `/usr/share/${name}/*`);

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const noKeyring = `${keyring} is missing: install the package debian-archive-keyring.`;
const noMirror =
  "apt knows no Debian mirror. The images are made of Debian packages: name a mirror in /etc/apt/sources.list.d and run `apt-get update`.";

/**
 * Why there can be no tree on this machine; undefined when there can. It looks at what `apt-get update` has left, which
 * is quicker than apt's own answer.
 *
 * @param root of the machine's files
 */
export function debianUnavailable(root = "/"): string | undefined {
  if (!existsSync(join(root, keyring))) return noKeyring;
  const lists = join(root, "var/lib/apt/lists");
  const releases = existsSync(lists) ? readdirSync(lists).filter((name) => /_(In)?Release$/.test(name)) : [];
  const ofDebian = releases.some((name) => /^Origin: Debian$/m.test(readFileSync(join(lists, name), "latin1")));
  return ofDebian ? undefined : noMirror;
}

/** What else the look of every tree depends on; changed whenever `makeDebianTree` yields something else. */
export const debianFormat = 1;

/** Installs the tree into an empty folder. Its packages' maintainer scripts run in it, so it needs root. */
export async function makeDebianTree(tree: DebianTree, folder: string, workshop: Workshop): Promise<void> {
  const { signal } = workshop;
  const place = await mkdtemp(join(workshop.scratch, "debian-"));
  const sources = join(place, "debian.sources");
  await writeFile(
    sources,
    [
      "Types: deb",
      `URIs: ${await mirror(signal)}`,
      `Suites: ${tree.suite}`,
      "Components: main",
      `Signed-By: ${keyring}`,
      "",
    ].join("\n"),
  );
  const inside = (hook: string, commands: readonly string[] = []) =>
    commands.map((command) => `--${hook}-hook=chroot "$1" ${command}`);
  await run(
    "unshare",
    [
      // What it mounts must not be seen outside: whoever tidies up would reach through it.
      ...["--mount", "--pid", "--fork", "--kill-child"],
      ...["mmdebstrap", "--mode=root", "--variant=minbase"],
      // Mirrors that stand still let the unstable suite expire.
      `--aptopt=Acquire::Check-Valid-Until "false"`,
      ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      // Java's package links its manuals into it.
      `--extract-hook=mkdir -p "$1"/usr/share/man/man1`,
      ...(tree.packages.length === 0 ? [] : [`--include=${tree.packages.join(",")}`]),
      ...inside("essential", tree.before),
      ...inside("customize", tree.after),
      // What a container neither needs nor may inherit.
      `--customize-hook=rm -rf "$1"/var/cache/* "$1"/var/log/* "$1"/var/lib/apt/* "$1"/etc/hostname "$1"/etc/resolv.conf`,
      ...[tree.suite, folder, sources],
    ],
    {
      signal,
      env: {
        ...process.env,
        PATH: [join(await ensureMmdebstrap(workshop), "usr/bin"), process.env["PATH"]].join(delimiter),
        TMPDIR: place,
        SOURCE_DATE_EPOCH: "0",
        LC_ALL: "C",
      },
    },
  );
}

/** The Debian mirror that this machine uses itself. */
async function mirror(signal: AbortSignal): Promise<string> {
  if (!existsSync(keyring)) throw new ImageError(noKeyring);
  const format = "$(ORIGIN)|$(COMPONENT)|$(CREATED_BY)|$(CODENAME)|$(REPO_URI)";
  const targets = await run("apt-get", ["indextargets", "--format", format], { signal });
  for (const line of targets.split("\n")) {
    const [origin, component, kind, codename, address] = line.split("|");
    const main = origin === "Debian" && component === "main" && kind === "Packages";
    if (main && codename !== undefined && !codename.includes("-") && address !== undefined) return address;
  }
  throw new ImageError(noMirror);
}

/** Folder of the unpacked package mmdebstrap; nothing is installed on the machine. */
async function ensureMmdebstrap({ cache, scratch, signal }: Workshop): Promise<string> {
  const folder = join(cache, "mmdebstrap");
  if (existsSync(folder)) return folder;
  const place = await mkdtemp(join(scratch, "mmdebstrap-"));
  const draft = join(place, "draft");
  await mkdir(draft);
  await run("apt-get", ["download", "-o", "APT::Sandbox::User=root", "mmdebstrap"], { cwd: place, signal });
  const [archive] = (await readdir(place)).filter((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new ImageError("apt-get download brought no mmdebstrap.");
  await run("dpkg", ["-x", join(place, archive), draft], { signal });
  publish(draft, folder);
  return folder;
}
