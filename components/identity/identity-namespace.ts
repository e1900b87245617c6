import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { pullSecrets } from "../kubernetes/image-pull.ts";
import { namespaceArgs } from "../kubernetes/namespace.ts";
import { denyAll } from "../kubernetes/network-policy.ts";

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
    const namespace = new k8s.core.v1.Namespace(`${name}-namespace`, namespaceArgs(args.namespace), {
      parent: this,
      protect: args.protectData,
    });
    const inside = { parent: this, dependsOn: [namespace] };
    new k8s.networking.v1.NetworkPolicy(`${name}-deny-all`, denyAll(args.namespace), inside);
    pullSecrets(name, args.namespace, args.registryLogin, inside);
    this.registerOutputs({ namespace: args.namespace });
  }
}
