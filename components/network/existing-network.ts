import * as pulumi from "@pulumi/pulumi";

import type { ExistingNetworkSettings } from "../aws/network-settings.ts";
import type { VirtualNetwork } from "../contracts.ts";

/** A VPC that is already there. Nothing is made in it but what the cluster and the load balancer bring. */
export function existingNetwork(settings: ExistingNetworkSettings): VirtualNetwork {
  const { vpcId, cidr, privateSubnetIds, publicSubnetIds } = settings;
  return {
    vpcId: pulumi.output(vpcId),
    cidr,
    privateSubnets: byId(privateSubnetIds),
    publicSubnets: byId(publicSubnetIds),
    ready: [],
  };
}

function byId(ids: readonly string[]): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(ids.toSorted().map((id) => [id, pulumi.output(id)]));
}
