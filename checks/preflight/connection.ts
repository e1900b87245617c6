/** What is wrong with the way to the cluster, seen without a network. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";

import type { ExistingClusterSettings } from "../../components/cluster/settings.ts";
import { kubeconfigOf } from "../kubectl/kubeconfig.ts";
import type { Place } from "../kubectl/kubeconfig.ts";
import { removeCommand, setCommand } from "../../stacks/settings/config-commands.ts";
import { entryObstacles, type KubeconfigFile } from "./kubeconfig-entries.ts";
import type { Obstacle } from "./problem.ts";

export function connectionObstacles(cluster: ExistingClusterSettings, { project, environment }: Place): Obstacle[] {
  const given = kubeconfigOf(cluster, environment);
  const where = "content" in given ? "The kubeconfig in the stack file" : `Kubeconfig ${given.path}`;
  let file: KubeconfigFile | null;
  try {
    const text = "content" in given ? given.content : readFileSync(resolve(project, given.path), "utf8");
    file = parse(text) as KubeconfigFile | null;
  } catch (error) {
    // A message of the parser would show what is in it.
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
    const path = setCommand(["cluster", "kubeconfigPath"], "<path of a kubeconfig>");
    const without = cluster.kubeconfig === undefined ? [] : [removeCommand(["cluster", "kubeconfig"])];
    return [{ message: `${where} ${reason}.`, cures: [...without, path] }];
  }
  const contexts = (typeof file === "object" ? (file?.contexts ?? []) : []).map(({ name }) => name);
  const chosen = cluster.context ?? file?.["current-context"] ?? "";
  if (contexts.includes(chosen)) {
    const folder = "content" in given ? project : dirname(resolve(project, given.path));
    return entryObstacles({ file: file ?? {}, name: chosen, where, folder, environment });
  }
  const message =
    chosen === ""
      ? `${where} has no current context, and none is chosen.`
      : `${where} has no context ${chosen}${contexts.length === 0 ? "" : `: one of ${contexts.join(", ")}`}.`;
  return [{ message, cures: [setCommand(["cluster", "context"], contexts[0] ?? "<context>")] }];
}
