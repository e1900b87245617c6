import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { checkout, devStackFile } from "../engine/dev-stack.ts";
import { openEngine, type Engine, type OperationResult } from "../engine/engine.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { objectsOf, type KubernetesObject, type StateResource } from "./objects.ts";

/** What the stacks of a run have in common. */
export interface Surroundings {
  readonly toolchain: Toolchain;
  /** Everything that is written lies here. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The platform as stack dev describes it, with an empty state. */
export async function platformStack(around: Surroundings, name: string, kubeconfig: string): Promise<Engine> {
  return open(around, name, checkout, "dev", devStackFile(kubeconfig, around.toolchain.charts));
}

/** Plain objects in the least program that manages them, with an empty state. */
export async function bareStack(
  around: Surroundings,
  name: string,
  kubeconfig: string,
  objects: readonly KubernetesObject[],
): Promise<Engine> {
  const file = join(around.folder, `${name}.json`);
  await writeFile(file, JSON.stringify(objects));
  const stackFile = stringify({
    config: { "datalab-bench-bare:kubeconfig": kubeconfig, "datalab-bench-bare:objects": file },
  });
  return open(around, name, join(import.meta.dirname, "bare"), "bare", stackFile);
}

async function open(
  { toolchain, folder, signal }: Surroundings,
  name: string,
  project: string,
  stack: string,
  content: string,
): Promise<Engine> {
  const state = join(folder, name);
  const temporary = join(state, "tmp");
  await mkdir(temporary, { recursive: true });
  const stackFile = join(state, "stack.yaml");
  await writeFile(stackFile, content);
  // The plugins leave files in the system's folder for temporary ones.
  return openEngine({ toolchain, state, project, stack, stackFile, signal, environment: { TMPDIR: temporary } });
}

/** How long an operation took that must succeed. */
export async function timeOf(operation: Promise<OperationResult>): Promise<number> {
  return succeeded(await operation).milliseconds;
}

export function succeeded(result: OperationResult): OperationResult {
  if (result.exitCode !== 0)
    throw new Error(`an operation has failed with exit code ${result.exitCode}\n${result.text}`);
  return result;
}

/** The objects of the platform, secrets included. */
export async function exportObjects(platform: Engine): Promise<KubernetesObject[]> {
  const text = await platform.run(["stack", "export", "--show-secrets", "--stack", "dev"]);
  const { deployment } = JSON.parse(text) as { deployment: { resources: StateResource[] } };
  return objectsOf(deployment.resources);
}
