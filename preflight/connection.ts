/** What is wrong with the way to the cluster, seen without a network. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { parse } from "yaml";

import type { ExistingClusterSettings } from "../components/cluster/settings.ts";
import type { Kubeconfig } from "../doctor/kubectl.ts";
import { setCommand } from "../stacks/problems.ts";
import type { Obstacle } from "./problem.ts";

interface KubeconfigFile {
  readonly "current-context"?: string;
  readonly contexts?: readonly { readonly name: string }[] | null;
}

/** @param project folder that a relative path starts from */
export function connectionObstacles(cluster: ExistingClusterSettings, project: string): Obstacle[] {
  const given = cluster.kubeconfig ?? cluster.kubeconfigPath ?? "";
  const path = ["cluster", "kubeconfigPath"];
  const where = isContent(given) ? "The kubeconfig in the stack file" : `Kubeconfig ${given}`;
  let file: KubeconfigFile | null;
  try {
    file = parse(isContent(given) ? given : readFileSync(resolve(project, given), "utf8")) as KubeconfigFile | null;
  } catch (error) {
    // A message of the parser would show what is in it.
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
    return [{ message: `${where} ${reason}.`, cures: [setCommand(path, "<path of a kubeconfig>")] }];
  }
  const contexts = (typeof file === "object" ? (file?.contexts ?? []) : []).map(({ name }) => name);
  const chosen = cluster.context ?? file?.["current-context"] ?? "";
  if (contexts.includes(chosen)) return [];
  const message =
    chosen === ""
      ? `${where} has no current context, and none is chosen.`
      : `${where} has no context ${chosen}${contexts.length === 0 ? "" : `: one of ${contexts.join(", ")}`}.`;
  return [{ message, cures: [setCommand(["cluster", "context"], contexts[0] ?? "<context>")] }];
}

/** The way to the cluster, for `kubectl`. */
export function kubeconfigOf({ kubeconfig, kubeconfigPath }: ExistingClusterSettings): Kubeconfig {
  const given = kubeconfig ?? kubeconfigPath ?? "";
  return isContent(given) ? { content: given } : { path: given };
}

/** The provider takes a path or the content in both settings. */
function isContent(kubeconfig: string): boolean {
  return kubeconfig.includes("\n") || kubeconfig.trimStart().startsWith("{");
}
