import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { cacheDirectory } from "../toolchain/store.ts";

/** What the file system reports of an overlay, on which containers cannot lie. */
const overlayMagic = 0x794c7630;

/** What the set-up does in new namespaces and some kernels refuse; nothing of it is seen outside. */
const trial = [
  "mount -t tmpfs tmpfs /run",
  "mkdir /run/lower /run/upper /run/work /run/overlay",
  // Mounted, because the kernel loads what it lacks.
  "mount -t overlay -o lowerdir=/run/lower,upperdir=/run/upper,workdir=/run/work overlay /run/overlay",
  "[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || { echo the module br_netfilter is not loaded >&2; exit 1; }",
].join("\n");

/**
 * Why this machine cannot run a real node, as a sentence; undefined if it can. Nothing is changed by asking.
 *
 * @param folder where the node is to lie
 */
export function nodeObstacle(folder = tmpdir()): string | undefined {
  if (process.platform !== "linux") return `A node needs Linux; this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return "A node needs root: it makes namespaces, mounts and control groups.";
  for (const program of ["nsenter", "setpriv", "unshare", "mount", "apt-get", "dpkg-deb"]) {
    if (spawnSync(program, ["--version"]).error !== undefined) return `A node needs the program ${program}.`;
  }
  const namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork"];
  const { status, stderr } = spawnSync("unshare", [...namespaces, "sh", "-euc", trial], { encoding: "utf8" });
  if (status !== 0) return `Namespaces for a node cannot be made here: ${stderr.trim()}`;
  // Images are unpacked in the cache.
  for (const place of [folder, join(cacheDirectory(process.env), "node-images")].map(existing)) {
    if (statfsSync(place).type === overlayMagic) return `${place} lies on an overlay, which cannot hold containers.`;
  }
  return cgroupObstacle();
}

function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(resolve(path)));
}

function cgroupObstacle(): string | undefined {
  const root = "/sys/fs/cgroup";
  const version2 = existsSync(join(root, "cgroup.controllers"));
  if (!version2 && !existsSync(join(root, "memory"))) return `Control groups are not mounted at ${root}.`;
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const hierarchy of version2 ? [root] : folders.map(({ name }) => join(root, name))) {
    try {
      accessSync(hierarchy, constants.W_OK);
    } catch {
      return `Control groups cannot be made in ${hierarchy}: it is read-only.`;
    }
  }
  return undefined;
}
