/** The kubeconfig that a stack file names or holds. */
import { homedir } from "node:os";

import type { ExistingClusterSettings } from "../../components/cluster/settings.ts";

/** Where the stack file's words start from. */
export interface Place {
  /** Folder of the project, that of Pulumi.yaml. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A kubeconfig: a path, or its content. */
export type Kubeconfig = { readonly path: string } | { readonly content: string };

/** As the provider for Kubernetes reads it: either stands in both settings, and `~` is the home folder, as in a shell. */
export function kubeconfigOf(
  { kubeconfig, kubeconfigPath }: Pick<ExistingClusterSettings, "kubeconfig" | "kubeconfigPath">,
  environment: NodeJS.ProcessEnv,
): Kubeconfig {
  const given = kubeconfig ?? kubeconfigPath ?? "";
  if (given.includes("\n") || given.trimStart().startsWith("{")) return { content: given };
  return { path: given.replace(/^~(?=\/|$)/, () => environment["HOME"] ?? homedir()) };
}
