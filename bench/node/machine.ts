import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/** What the file system reports of an overlay, on which containers cannot lie. */
const overlayMagic = 0x794c7630;

/**
 * Why this machine cannot run a real node, as a sentence; undefined if it can. Nothing is changed by asking.
 */
export function nodeObstacle(): string | undefined {
  if (process.platform !== "linux") return `A node needs Linux; this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return "A node needs root: it makes namespaces, mounts and control groups.";
  for (const program of ["nsenter", "setpriv", "unshare", "mount", "apt-get", "dpkg-deb"]) {
    if (spawnSync(program, ["--version"]).error !== undefined) return `A node needs the program ${program}.`;
  }
  const namespaces = spawnSync("unshare", ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "true"]);
  if (namespaces.status !== 0) return `Namespaces cannot be made here: ${String(namespaces.stderr).trim()}`;
  if (!/\boverlay$/m.test(readFileSync("/proc/filesystems", "utf8"))) return "The kernel has no overlay file system.";
  if (statfsSync(tmpdir()).type === overlayMagic)
    return `${tmpdir()} lies on an overlay, which cannot hold containers.`;
  if (!existsSync("/sys/fs/cgroup/cgroup.controllers") && !existsSync("/sys/fs/cgroup/memory")) {
    return "Control groups are not mounted at /sys/fs/cgroup.";
  }
  return undefined;
}
