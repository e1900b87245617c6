import { z } from "zod";

import { isNetworkAddress, prefixOf } from "./cidr.ts";
import { regionOf, zones } from "./regions.ts";

/** An IPv4 network. */
export const cidrv4 = z
  .cidrv4("must be an IPv4 network such as 10.0.0.0/16")
  .refine((cidr) => !z.cidrv4().safeParse(cidr).success || isNetworkAddress(cidr), "must begin at its first address");

const idOf = (kind: string) => z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be an id like ${kind}-…`);

const newNetwork = z
  .strictObject({
    kind: z.literal("new").describe("`new`: the platform makes a VPC of its own."),
    cidr: cidrv4
      .refine((cidr) => prefixOf(cidr) >= 16 && prefixOf(cidr) <= 20, "must be a network from /16 to /20")
      .default("10.0.0.0/16")
      .describe("Addresses of the VPC, from /16 to /20. Each zone gets an eighth for nodes and pods."),
    zones: z
      .array(z.enum(zones))
      .min(2, "must hold 2 or 3 zones: EKS wants two")
      .max(3, "must hold 2 or 3 zones")
      .refine((list) => new Set(list).size === list.length, "must not name a zone twice")
      .describe(
        "Two or three zones by their full names, such as `eu-west-3a`, kept for the cluster's whole life: EKS refuses others later.",
      ),
    natGateways: z
      .enum(["one", "perZone"])
      .default("one")
      .describe(
        "`one` costs about 35 USD a month, but its zone's loss cuts every node off the internet, and traffic between zones is paid. `perZone` costs that for each zone.",
      ),
    endpoints: z
      .array(z.enum(["ecr", "sts"]))
      .default([])
      .describe(
        "AWS services that are reached inside the VPC, about 7 USD a month for each of `sts` (one) and `ecr` (two) in each zone. S3 always is, for nothing.",
      ),
    flowLogs: z
      .boolean()
      .default(false)
      .describe("Whether every connection of the VPC is logged, for 30 days. It is billed by volume."),
  })
  .refine(({ zones: list }) => new Set(list.map(regionOf)).size <= 1, {
    path: ["zones"],
    message: "must all belong to one region",
  });

const existingNetwork = z
  .strictObject({
    kind: z.literal("existing").describe("`existing`: a VPC that is already there. Nothing of it is changed."),
    vpcId: idOf("vpc").describe("Its id."),
    cidr: cidrv4.describe(
      "Addresses of its private subnets, for NetworkPolicies: where the VPC has a second network for pods, that one.",
    ),
    privateSubnetIds: z
      .array(idOf("subnet"))
      .min(2, "must hold the subnets of two zones or more")
      .describe(
        "Subnets for nodes and pods, one for each zone, with a way to the internet. Others later must be in the same zones.",
      ),
    publicSubnetIds: z
      .array(idOf("subnet"))
      .min(2, "must hold the subnets of two zones or more")
      .describe("Subnets for the load balancer, one for each zone, with an internet gateway."),
  })
  .superRefine(({ privateSubnetIds, publicSubnetIds }, context) => {
    const lists = Object.entries({ privateSubnetIds, publicSubnetIds });
    const all = lists.flatMap(([list, ids]) => ids.map((id, index) => ({ id, path: [list, index] })));
    for (const [place, { id, path }] of all.entries()) {
      const first = all.findIndex((other) => other.id === id);
      if (first === place) continue;
      const message = `stands at \`${all[first]?.path[0] ?? ""}\` already: a subnet is private or public, and there is one for each zone`;
      context.addIssue({ code: "custom", path, message });
    }
  });

/** `network` below `datalab:cluster` */
export const networkSettings = z.discriminatedUnion("kind", [newNetwork, existingNetwork]);

export type NetworkSettings = z.infer<typeof networkSettings>;
export type NewNetworkSettings = z.infer<typeof newNetwork>;
export type ExistingNetworkSettings = z.infer<typeof existingNetwork>;
