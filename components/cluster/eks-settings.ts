import { z } from "zod";

import { overlap, prefixOf } from "../aws/cidr.ts";
import { instanceRegionProblem, instanceTypeProblem } from "../aws/instances.ts";
import { cidrv4, networkSettings } from "../aws/network-settings.ts";
import { type Region, regionOf } from "../aws/regions.ts";
import { dnsLabel } from "../scalars.ts";
import type { KubernetesVersion } from "../versions.ts";
import { platformNeeds, roomOf } from "./platform-room.ts";

const versions = ["1.35", "1.36"] as const satisfies readonly KubernetesVersion[];

const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/,
    "must be a label's name, like example.org/pool",
  );
const labelValue = z
  .string()
  .regex(/^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/, "must be up to 63 letters, digits or inner -_.");

const instanceType = z
  .string()
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, "must be an instance type like m7i.large")
  .superRefine((value, context) => {
    const message = value.includes(".") ? instanceTypeProblem(value) : undefined;
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const nodeGroup = z
  .strictObject({
    capacity: z
      .enum(["onDemand", "spot"])
      .default("onDemand")
      .describe(
        "`onDemand` nodes stay. `spot` nodes are cheaper and may be taken away within two minutes: only users' services run there, and prefer them.",
      ),
    instanceTypes: z
      .array(instanceType)
      .min(1, "must hold an instance type")
      .max(20, "must hold at most 20 instance types")
      .describe(
        "Instance types, amd64. Of `onDemand` nodes AWS tries the first one first; for `spot` several are easier to find, in any order. A change, and another order of `onDemand`, replaces all nodes of the group at once: see the page for a gentler way.",
      ),
    min: z.int().min(0).max(450).describe("Number of nodes; the smallest one where `max` is set."),
    max: z
      .int()
      .min(1)
      .max(450)
      .optional()
      .describe(
        "Largest number of nodes, for an autoscaler that you install. Without it the number is fixed. With it, `min` and `max` hold when the group is made; `pulumi up` says how to change them later.",
      ),
    diskSize: z
      .int()
      .min(20)
      .max(16384)
      .default(50)
      .describe(
        "GiB of each node's disk: images, logs and temporary files. A change replaces the nodes one by one: notebooks on them end.",
      ),
    labels: z.record(labelKey, labelValue).default({}).describe("Further labels of the nodes."),
    taints: z
      .array(
        z.strictObject({
          key: labelKey.describe("Name of the taint."),
          value: labelValue.default("").describe("Its value."),
          effect: z
            .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
            .default("NoSchedule")
            .describe("What it does to pods that do not tolerate it."),
        }),
      )
      .default([])
      .describe("Taints of the nodes. The platform's own parts tolerate none."),
  })
  .refine(({ min, max }) => max === undefined || (max >= min && max >= 1), {
    path: ["max"],
    message: "must not be less than `min`",
  });

const principal = z
  .string()
  .regex(
    /^arn:aws:iam::[0-9]{12}:(role|user)\/[\w+=,.@/-]+$/,
    "must be the ARN of an IAM role or user, like arn:aws:iam::123456789012:role/operators (of an assumed role, the role)",
  )
  // Sessions and consoles show these without their path, and EKS knows no such role. It says so when the cluster is made.
  .refine(
    (arn) => !arn.includes(":role/AWSReservedSSO_"),
    "is a role of IAM Identity Center without its path: `aws iam get-role --role-name <its name> --query Role.Arn` says it, like arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-3/AWSReservedSSO_…",
  );

/** @see https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html */
function isServiceNetwork(cidr: string): boolean {
  // A text that is no network has its own message already.
  if (!z.cidrv4().safeParse(cidr).success) return true;
  const within = (network: string) => overlap(cidr, network) && prefixOf(cidr) >= prefixOf(network);
  return prefixOf(cidr) >= 12 && prefixOf(cidr) <= 24 && ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some(within);
}

/** `datalab:cluster` with `kind: eks` */
export const eksSettings = z
  .strictObject({
    kind: z.literal("eks").describe("`eks`: a cluster that this stack makes on AWS. It needs `datalab:aws`."),
    clusterIdentifier: dnsLabel.describe("Name of the cluster, kept for its whole life."),
    version: z
      .enum(
        versions,
        `must be one of ${versions.join(", ")}: kubectl may be one minor version away, and cert-manager works up to 1.36`,
      )
      .default("1.36")
      .describe(
        "Minor version of Kubernetes. Raise it by one at a time: the cluster is upgraded in place, then its nodes. kubectl must be at most one minor version away.",
      ),
    network: networkSettings.describe("The VPC."),
    serviceCidr: cidrv4
      .refine(isServiceNetwork, "must be a private network from /12 to /24, such as 172.20.0.0/16: AWS takes no other")
      .optional()
      .describe(
        "Addresses of Services, which no network behind a peering or a VPN may use. When absent: 172.20.0.0/16, or 10.100.0.0/16 where the VPC overlaps with that. Kept for the cluster's whole life: a change replaces it.",
      ),
    publicAccessCidrs: z
      .array(cidrv4.refine((cidr) => cidr !== "0.0.0.0/0", "opens the API server to everybody: name your own networks"))
      .describe(
        "Networks from which the API server is reached over the internet; the nodes always reach it inside. With an empty list nobody else does, and `pulumi up` must run inside the VPC.",
      ),
    logs: z
      .array(z.enum(["api", "audit", "authenticator", "controllerManager", "scheduler"]))
      .default(["audit", "authenticator"])
      .describe(
        "Logs of the control plane that are kept, for `logDays`. They are billed by volume; `audit` is the largest.",
      ),
    logDays: z
      .union(
        ([7, 30, 90, 180, 365] as const).map((days) => z.literal(days)),
        "must be 7, 30, 90, 180 or 365",
      )
      .default(30)
      .describe("Days that logs are kept."),
    admins: z
      .array(principal)
      .min(1, "must hold who runs `pulumi up`: nobody else gets into the cluster")
      .describe("IAM roles and users that may do everything in the cluster. Whoever runs `pulumi up` must be one."),
    viewers: z.array(principal).default([]).describe("IAM roles and users that may read everything but Secrets."),
    nodeGroups: z
      .record(dnsLabel.max(30, "must be at most 30 characters"), nodeGroup)
      .describe("Groups of nodes by name."),
  })
  .superRefine(({ version, network, serviceCidr, nodeGroups, admins, viewers }, context) => {
    const issue = (path: (string | number)[], message: string) => {
      context.addIssue({ code: "custom", path, message });
    };
    if (serviceCidr !== undefined && overlap(serviceCidr, network.cidr))
      issue(["serviceCidr"], `overlaps with the VPC, ${network.cidr}: AWS refuses that`);
    const spot = Object.entries(nodeGroups).find(([, { capacity }]) => capacity === "spot")?.[0];
    if (spot !== undefined && version === "1.35") {
      issue(
        ["nodeGroups", spot, "capacity"],
        "needs Kubernetes 1.36: earlier ones cannot send users' services to spot nodes",
      );
    }
    const room = roomOf(nodeGroups);
    if (room.cpus < platformNeeds.cpus || room.memory < platformNeeds.memory) {
      issue(
        ["nodeGroups"],
        `have no room for the platform: on-demand nodes without taints give ${room.cpus} CPUs and ${room.memory} GiB, it needs ${platformNeeds.cpus} and ${platformNeeds.memory}`,
      );
    }
    viewers.forEach((viewer, index) => {
      if (admins.includes(viewer)) issue(["viewers", index], "is an admin already: a principal has one entry");
    });
  });

export type EksSettings = z.infer<typeof eksSettings>;
export type NodeGroupSettings = z.infer<typeof nodeGroup>;

/** A mistake below `datalab:cluster`. */
export interface ClusterProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What does not fit the region that `datalab:aws` names. */
export function regionProblems({ network, nodeGroups }: EksSettings, region: Region): ClusterProblem[] {
  const zoneProblems = (network.kind === "new" ? network.zones : []).flatMap((zone, index) =>
    regionOf(zone) === region
      ? []
      : [{ path: ["network", "zones", index], message: `does not belong to ${region}, the region of \`datalab:aws\`` }],
  );
  const typeProblems = Object.entries(nodeGroups).flatMap(([name, { instanceTypes }]) =>
    instanceTypes.flatMap((type, index) => {
      const message = instanceRegionProblem(type, region);
      return message === undefined ? [] : [{ path: ["nodeGroups", name, "instanceTypes", index], message }];
    }),
  );
  return [...zoneProblems, ...typeProblems];
}
