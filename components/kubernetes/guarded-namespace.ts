import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { pullSecrets } from "./image-pull.ts";
import { namespaceArgs, type PodSecurityLevel } from "./namespace.ts";
import { denyAll } from "./network-policy.ts";

export interface GuardedNamespaceArgs {
  readonly namespace: string;
  /** @default "restricted" */
  readonly podSecurity?: PodSecurityLevel | undefined;
  /** Refuses to delete it: what holds data would go with it. @default false */
  readonly protectData?: boolean | undefined;
  /** Content of the Secret that images are pulled with. @default no login */
  readonly registryLogin?: pulumi.Input<string> | undefined;
}

export interface GuardedNamespace {
  /** Options of whatever lies in it. */
  readonly inside: { readonly parent: pulumi.Resource; readonly dependsOn: pulumi.Resource[] };
  /** What must be there before a pod is: the namespace, its walls, the login. */
  readonly ready: readonly pulumi.Resource[];
}

/** A namespace of the platform's own: its pods are checked, every connection is denied that no policy opens. */
export function guardedNamespace(name: string, args: GuardedNamespaceArgs, parent: pulumi.Resource): GuardedNamespace {
  const { namespace, podSecurity, protectData, registryLogin } = args;
  const own = new k8s.core.v1.Namespace(`${name}-namespace`, namespaceArgs(namespace, podSecurity), {
    parent,
    ...(protectData === undefined ? {} : { protect: protectData }),
  });
  const inside = { parent, dependsOn: [own] };
  const walls = new k8s.networking.v1.NetworkPolicy(`${name}-deny-all`, denyAll(namespace), inside);
  return { inside, ready: [own, walls, ...pullSecrets(name, namespace, registryLogin, inside)] };
}
