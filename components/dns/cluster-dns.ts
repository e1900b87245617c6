import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ApiServerAddresses } from "../contracts.ts";
import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import { allow, toApiServer, toDns } from "../kubernetes/network-policy.ts";
import { namespaces } from "../names.ts";
import * as job from "./cluster-dns-job.ts";

export interface ClusterDnsArgs extends job.ClusterDnsJobArgs {
  readonly apiServer: ApiServerAddresses;
  /** Content of the Secret that images are pulled with. @default no login */
  readonly registryLogin?: pulumi.Input<string> | undefined;
}

/**
 * Tells the cluster's CoreDNS the platform's hosts, so that every pod finds them, those of users' services too.
 *
 * What it has written stays when it goes: a Job runs once, and has no end to clean up at.
 *
 * @example
 * ```ts
 * const names = { hosts: [hosts.portal, hosts.identity], servicesDomain: hosts.services };
 * new ClusterDns("cluster-dns", { ...names, address: "10.96.0.10", apiServer: cluster.apiServer }, inside);
 * ```
 */
export class ClusterDns extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { apiServer, registryLogin, hosts, servicesDomain, ...rest } = args;
    super("datalab:dns:ClusterDns", name, { hosts, servicesDomain }, opts);
    const child = { parent: this };

    const { inside, ready } = guardedNamespace(name, { namespace: namespaces.dns, registryLogin }, this);
    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      allow(namespaces.dns, job.clusterDnsName, { to: [toDns, toApiServer(apiServer)] }),
      inside,
    );
    const account = new k8s.core.v1.ServiceAccount(`${name}-service-account`, job.serviceAccount(), inside);
    const role = new k8s.rbac.v1.Role(`${name}-role`, job.role(), child);
    const binding = new k8s.rbac.v1.RoleBinding(`${name}-role-binding`, job.roleBinding(), {
      ...child,
      dependsOn: [role, account],
    });
    new k8s.batch.v1.Job(`${name}-job`, job.clusterDnsJob({ hosts, servicesDomain, ...rest }), {
      ...child,
      dependsOn: [...ready, binding, policy],
    });

    this.registerOutputs({});
  }
}
