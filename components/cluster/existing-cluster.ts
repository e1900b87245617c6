import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ApiServerAddresses, ClusterAccess } from "../contracts.ts";

export interface ExistingClusterArgs {
  /**
   * Plain name of the cluster, never an output. The provider compares it instead of the kubeconfig, so that a renewed
   * credential replaces nothing.
   * @see https://github.com/pulumi/pulumi-kubernetes/issues/2745
   */
  readonly clusterIdentifier: string;
  /** Path or content of a kubeconfig. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Context. @default the kubeconfig's current one */
  readonly context?: string | undefined;
  /** Networks and ports of the API server. */
  readonly apiServer: ApiServerAddresses;
}

/**
 * A cluster that is already there: k3s, kind, a managed cluster, or the embedded one.
 *
 * @example
 * ```ts
 * const apiServer = { cidrs: ["192.0.2.1/32"], ports: [6443] };
 * new ExistingCluster("cluster", { clusterIdentifier: "home", kubeconfig: "/home/me/.kube/config", apiServer });
 * ```
 */
export class ExistingCluster extends pulumi.ComponentResource implements ClusterAccess {
  readonly provider: k8s.Provider;
  readonly name: string;
  readonly apiServer: ApiServerAddresses;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ExistingClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    // Only what may be read in a diff is passed on as the component's inputs: a kubeconfig may hold credentials.
    super("datalab:cluster:ExistingCluster", name, { clusterIdentifier: args.clusterIdentifier }, opts);

    this.provider = new k8s.Provider(
      `${name}-provider`,
      {
        kubeconfig: args.kubeconfig,
        clusterIdentifier: args.clusterIdentifier,
        ...(args.context === undefined ? {} : { context: args.context }),
        // A changed ConfigMap or Secret is updated in place: pods find it by its fixed name.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      { parent: this },
    );

    this.name = args.clusterIdentifier;
    this.apiServer = args.apiServer;
    this.ready = [];
    this.registerOutputs({ name: this.name });
  }
}
