import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { RenderedChart } from "../charts/chart-renderer.ts";
import { PinnedChart } from "../charts/pinned-chart.ts";
import type { ApiServerAddresses } from "../contracts.ts";
import { caBundleConfigMap } from "../kubernetes/ca-bundle.ts";
import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import type { Proxy } from "../kubernetes/proxy.ts";
import { namespaces } from "../names.ts";
import { acmePolicy, apiClientsPolicy, webhookPolicy } from "./cert-manager-network.ts";

/** cert-manager from its chart, or the one that is in the cluster. */
export type CertManagerArgs =
  | {
      readonly install: true;
      /** The chart, rendered as `certManagerChart` says. */
      readonly chart: RenderedChart;
      readonly apiServer: ApiServerAddresses;
      /** Its controller may also talk to an ACME server and to AWS. @default false */
      readonly acme?: boolean | undefined;
      /** Proxy that its controller goes out by. @default none */
      readonly proxy?: Proxy | undefined;
      /** Authorities in PEM that its controller trusts beside the public ones, where it goes out. @default none */
      readonly authorities?: string | undefined;
      /** Refuses to delete the namespace, in which the private authority's key is. */
      readonly protectData: boolean;
      /** Content of the Secret that images are pulled with. @default no login */
      readonly registryLogin?: pulumi.Input<string> | undefined;
    }
  | {
      readonly install: false;
      /** Its cluster resource namespace. */
      readonly namespace: string;
    };

/**
 * Issues certificates. Who depends on it waits until its webhook answers.
 *
 * @example
 * ```ts
 * new CertManager("cert-manager", { install: true, chart, apiServer: cluster.apiServer, protectData: true }, inside);
 * ```
 */
export class CertManager extends pulumi.ComponentResource {
  /** Namespace in which ClusterIssuers find their Secrets. */
  readonly namespace: string;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:certificates:CertManager", name, { install: args.install }, opts);
    this.namespace = args.install ? namespaces.certificates : args.namespace;

    if (args.install) {
      const { inside, ready } = guardedNamespace(name, { ...args, namespace: this.namespace }, this);
      const policies = [
        new k8s.networking.v1.NetworkPolicy(
          `${name}-api-clients-network-policy`,
          apiClientsPolicy(args.apiServer),
          inside,
        ),
        new k8s.networking.v1.NetworkPolicy(`${name}-webhook-network-policy`, webhookPolicy(), inside),
        ...(args.acme === true
          ? [new k8s.networking.v1.NetworkPolicy(`${name}-acme-network-policy`, acmePolicy(args.proxy), inside)]
          : []),
      ];
      const trust =
        args.authorities === undefined
          ? []
          : [new k8s.core.v1.ConfigMap(`${name}-ca`, caBundleConfigMap(this.namespace, args.authorities), inside)];
      const before = [...ready, ...policies, ...trust];
      new PinnedChart(`${name}-chart`, args.chart, { parent: this, dependsOn: before });
    }

    this.registerOutputs({ namespace: this.namespace });
  }
}
