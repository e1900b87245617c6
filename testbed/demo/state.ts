import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The stack of the embedded platform. */
export const stack = "dev";

/** Somebody has put a stack of their own beside the demo's. */
export class ForeignStacksError extends Error {
  override readonly name = "ForeignStacksError";
}

/**
 * Keeps the state only as long as the cluster that it describes: an update would wait for the objects of an earlier one. A
 * control plane's kubeconfig is never that of another.
 */
export async function renewState(state: string, kubeconfig: string): Promise<void> {
  const cluster = createHash("sha256").update(kubeconfig).digest("hex");
  const mark = join(state, "cluster");
  if ((await readFile(mark, "utf8").catch(() => "")) === cluster) return;
  await assertOnlyOurs(state);
  await rm(state, { recursive: true, force: true });
  await mkdir(state, { recursive: true, mode: 0o700 });
  await writeFile(mark, cluster);
}

/**
 * The demo's state goes with the demo. What was installed elsewhere from a shell with the demo's environment must not be
 * forgotten with it.
 */
export async function assertOnlyOurs(state: string): Promise<void> {
  const stacks = join(state, "backend/.pulumi/stacks");
  const files = await readdir(stacks, { recursive: true, withFileTypes: true }).catch(() => []);
  const foreign = files
    .filter((file) => file.isFile() && /\.json(\.gz)?$/.test(file.name) && file.name.split(".")[0] !== stack)
    .map((file) => file.name.replace(/\.json.*$/, ""));
  if (foreign.length === 0) return;
  throw new ForeignStacksError(
    `The demo's Pulumi state also holds ${foreign.join(", ")}, which would be lost. Destroy it or move it to a backend of your ` +
      'own first, from a shell with eval "$(npm run --silent demo -- --env)": pulumi stack export -s <stack> --show-secrets.',
  );
}
