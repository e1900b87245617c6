/** A cluster of this program on AWS, for the unit tests. */
import * as pulumi from "@pulumi/pulumi";

import type { NetworkSettings } from "../../components/aws/network-settings.ts";
import { awsSettings } from "../../components/aws/settings.ts";
import { type EksSettings, eksSettings } from "../../components/cluster/eks-settings.ts";
import type { VirtualNetwork } from "../../components/contracts.ts";
import type { Registration } from "./graph.ts";

export const accountId = "123456789012";
export const region = "eu-west-3";
export const aws = awsSettings.parse({ accountId, region, tags: { team: "data" } });
export const admin = `arn:aws:iam::${accountId}:role/operators`;

/** A stack file's `cluster`, with everything required. */
export const eksInput = {
  kind: "eks",
  clusterIdentifier: "prod",
  network: { kind: "new", zones: ["eu-west-3a", "eu-west-3b"] },
  publicAccessCidrs: ["203.0.113.0/24"],
  admins: [admin],
  nodeGroups: { permanent: { instanceTypes: ["m7i.xlarge"], min: 2 } },
} as const;

export const spotGroup = { capacity: "spot", instanceTypes: ["m7i.xlarge", "m6i.xlarge"], min: 0, max: 10 } as const;

export function eks(changes: Record<string, unknown> = {}): EksSettings {
  return eksSettings.parse({ ...eksInput, ...changes });
}

/** A network as the cluster and the load balancer see it. */
export const network: VirtualNetwork = {
  get vpcId() {
    return pulumi.output("vpc-1");
  },
  cidr: "10.0.0.0/16",
  get privateSubnets() {
    return { "eu-west-3a": pulumi.output("private-a"), "eu-west-3b": pulumi.output("private-b") };
  },
  get publicSubnets() {
    return { "eu-west-3a": pulumi.output("public-a"), "eu-west-3b": pulumi.output("public-b") };
  },
  ready: [],
};

export type NewNetwork = Extract<NetworkSettings, { kind: "new" }>;

/** One line for each resource: type, name, parent, dependencies. */
export function outline({ type, name, parent, dependencies }: Registration): string {
  return `${type.split(":").at(-1) ?? ""} ${name} < ${parent ?? "-"} | ${dependencies.join(" ")}`;
}
