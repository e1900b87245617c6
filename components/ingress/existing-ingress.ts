import * as pulumi from "@pulumi/pulumi";

import type { IngressEndpoint } from "../contracts.ts";
import type { ExistingIngressSettings } from "./settings.ts";

export interface ExistingIngressArgs {
  readonly settings: ExistingIngressSettings;
  /** Pods reach the public hosts by DNS, not by the address of the Service. */
  readonly resolvesInCluster: boolean;
}

/**
 * A controller that is already in the cluster. It must serve the wildcard certificates to Ingresses without a Secret.
 *
 * @example
 * ```ts
 * new ExistingIngress("ingress", { settings: existingIngress, resolvesInCluster: true });
 * ```
 */
export class ExistingIngress extends pulumi.ComponentResource implements IngressEndpoint {
  readonly className: string;
  readonly namespace: string;
  readonly podHttpsPort: number;
  readonly publicPort: number;
  readonly addsResponseHeaders = false;
  readonly address: pulumi.Output<string>;
  readonly clusterIp: pulumi.Output<string> | undefined;

  constructor(name: string, args: ExistingIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:ingress:ExistingIngress", name, args, opts);
    const { className, namespace, podHttpsPort, publicPort, address, clusterIp } = args.settings;
    this.className = className;
    this.namespace = namespace;
    this.podHttpsPort = podHttpsPort;
    this.publicPort = publicPort;
    this.address = pulumi.output(address);
    this.clusterIp = args.resolvesInCluster || clusterIp === undefined ? undefined : pulumi.output(clusterIp);
    this.registerOutputs({ address: this.address });
  }
}
