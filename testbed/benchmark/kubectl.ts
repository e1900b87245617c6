import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { inTwoSteps, waitsFor, type KubernetesObject } from "./objects.ts";
import type { Surroundings } from "./stacks.ts";

const patience = 5 * 60_000;

/** `kubectl apply --server-side` of objects, and waiting until they are ready; the milliseconds of both. */
export async function applyAndWait(
  around: Surroundings,
  kubeconfig: string,
  objects: readonly KubernetesObject[],
): Promise<number> {
  const folder = join(around.folder, "kubectl");
  await mkdir(folder, { recursive: true });
  const [first, second] = inTwoSteps(objects);
  const builtIn = await listFile(join(folder, "built-in.json"), first);
  const custom = await listFile(join(folder, "custom.json"), second);
  const waits = await Promise.all(
    [...waitsFor(objects)].map(async ([condition, awaited], index) => ({
      condition,
      file: await listFile(join(folder, `wait-${index}.json`), awaited),
    })),
  );
  const kubectl = (...args: string[]) => run(around, ["--kubeconfig", kubeconfig, ...args]);

  const begin = performance.now();
  await kubectl("apply", "--server-side", "-f", builtIn);
  // Their kinds, and the webhook that checks them, take a moment.
  if (second.length > 0) await until(around.signal, () => kubectl("apply", "--server-side", "-f", custom));
  for (const { condition, file } of waits) {
    await kubectl("wait", `--for=${condition}`, `--timeout=${patience / 1000}s`, "-f", file);
  }
  return performance.now() - begin;
}

async function listFile(file: string, items: readonly KubernetesObject[]): Promise<string> {
  // Secrets are among them.
  await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }), { mode: 0o600 });
  return file;
}

async function run({ toolchain, folder, signal }: Surroundings, args: readonly string[]): Promise<void> {
  await promisify(execFile)(toolchain.path("kubectl"), args, {
    signal,
    env: { ...process.env, KUBECACHEDIR: join(folder, "kubectl-cache") },
    maxBuffer: 100_000_000,
  });
}

async function until(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + patience; ;) {
    try {
      await work();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (Date.now() > deadline) throw error;
    }
    await sleep(100);
  }
}
