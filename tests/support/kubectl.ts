/** Runs kubectl as an administrator, without a trace in the user's home. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import type { Toolchain } from "../../testbed/toolchain/toolchain.ts";

export interface KubectlPlace {
  readonly toolchain: Toolchain;
  /** File. */
  readonly kubeconfig: string;
  /** Folder for its cache. */
  readonly folder: string;
}

/**
 * Its standard output.
 *
 * @param input For standard input; what is no text is written as JSON.
 * @throws Error with what it wrote when its exit code is not 0.
 */
export async function runKubectl(
  { toolchain, kubeconfig, folder }: KubectlPlace,
  args: readonly string[],
  input: unknown = "",
): Promise<string> {
  const running = promisify(execFile)(toolchain.path("kubectl"), ["--kubeconfig", kubeconfig, ...args], {
    env: { ...process.env, KUBECACHEDIR: join(folder, "kubectl") },
    maxBuffer: 100_000_000,
  });
  // One that ends early does not read.
  running.child.stdin?.on("error", () => undefined).end(typeof input === "string" ? input : JSON.stringify(input));
  return (await running).stdout;
}

/** Objects of a kind, in all namespaces. */
export async function objectsOf<T>(place: KubectlPlace, kind: string, ...flags: string[]): Promise<T[]> {
  const text = await runKubectl(place, ["get", kind, "--all-namespaces", "-o", "json", ...flags]);
  return (JSON.parse(text) as { items: T[] }).items;
}
