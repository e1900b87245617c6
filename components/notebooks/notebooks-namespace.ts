import * as pulumi from "@pulumi/pulumi";

import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import { namespaces } from "../names.ts";

export interface NotebooksNamespaceArgs {
  /** Refuses to delete the namespace: people's homes would go with it. */
  readonly protectData: boolean;
  /** Content of the Secret that images are pulled with. @default no login */
  readonly registryLogin?: pulumi.Input<string> | undefined;
}

/**
 * The namespace that the hub shares with its database and with people's servers and homes.
 *
 * @example
 * ```ts
 * new NotebooksNamespace("notebooks-space", { protectData: true }, inside);
 * ```
 */
export class NotebooksNamespace extends pulumi.ComponentResource {
  constructor(name: string, args: NotebooksNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = namespaces.notebooks;
    super("datalab:notebooks:NotebooksNamespace", name, { namespace }, opts);
    guardedNamespace(name, { ...args, namespace }, this);
    this.registerOutputs({ namespace });
  }
}
