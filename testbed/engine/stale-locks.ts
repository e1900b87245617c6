import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/**
 * Removes the locks that operations have left which were killed on this machine. Without that, every later operation
 * on the stack is refused.
 */
export async function removeStaleLocks(backend: string): Promise<void> {
  const folder = join(backend, ".pulumi/locks");
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.filter((candidate) => candidate.endsWith(".json"))) {
    const lock = JSON.parse(await readFile(join(folder, name), "utf8")) as { pid: number; hostname: string };
    if (lock.hostname === hostname() && !exists(lock.pid)) await rm(join(folder, name), { force: true });
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
