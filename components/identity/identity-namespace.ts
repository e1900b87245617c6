import * as pulumi from "@pulumi/pulumi";

import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";

export interface IdentityNamespaceArgs {
  /** Name of the namespace. */
  readonly namespace: string;
  /** Refuses to delete the namespace: the users would go with it. */
  readonly protectData: boolean;
  /** Content of the Secret that images are pulled with. @default no login */
  readonly registryLogin?: pulumi.Input<string> | undefined;
}

/**
 * The namespace that Keycloak shares with its database.
 *
 * @example
 * ```ts
 * new IdentityNamespace("identity", { namespace: "datalab-identity", protectData: true }, inside);
 * ```
 */
export class IdentityNamespace extends pulumi.ComponentResource {
  constructor(name: string, args: IdentityNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:identity:IdentityNamespace", name, { namespace: args.namespace }, opts);
    guardedNamespace(name, args, this);
    this.registerOutputs({ namespace: args.namespace });
  }
}
