import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Notes a process of a control plane in its folder, so that whoever cleans up finds it even if the supervisor has
 * been killed.
 */
export async function notePid(folder: string, name: string, pid: number): Promise<void> {
  await mkdir(join(folder, "pids"), { recursive: true });
  await writeFile(join(folder, "pids", name), String(pid));
}

/** The process ids in files of a folder, by file; none where there is no such folder. */
export async function readPids(files: string): Promise<ReadonlyMap<string, number>> {
  const pids = new Map<string, number>();
  for (const name of await readdir(files).catch(() => [])) {
    const pid = Number.parseInt(await readFile(join(files, name), "utf8"), 10);
    if (pid > 0) pids.set(name, pid);
  }
  return pids;
}

/** Those noted for a control plane. */
export async function notedPids(folder: string): Promise<number[]> {
  const pids = await readPids(join(folder, "pids"));
  return [...pids.values()].filter((pid) => pid !== process.pid);
}
