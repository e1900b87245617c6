import { LaunchTemplate, type LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate.js";
import { NodeGroup, type NodeGroupArgs } from "@pulumi/aws/eks/nodeGroup.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import type * as pulumi from "@pulumi/pulumi";

import { trustedNodes } from "../aws/policy.ts";
import type { AwsSettings } from "../aws/settings.ts";
import type { AutoscalingGroup } from "../contracts.ts";
import { elasticNodes } from "../kubernetes/elastic-nodes.ts";
import { managedPolicies } from "./eks-permissions.ts";
import type { NodeGroupSettings } from "./eks-settings.ts";
import { leftToAutoscaler, noticeBounds, type ScalingConfig, scalingConfig } from "./scaling-bounds.ts";

/** Disk, metadata service and tags of a group's machines. */
export function launchTemplate(
  group: string,
  cluster: string,
  { diskSize }: Pick<NodeGroupSettings, "diskSize">,
  tags: Readonly<Record<string, string>>,
): LaunchTemplateArgs {
  const all = { ...tags, Name: `${cluster}-${group}` };
  return {
    updateDefaultVersion: true,
    // A pod is two hops away: it cannot take the node's credentials. Requests need a session token.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeType: "gp3", volumeSize: diskSize, encrypted: "true", deleteOnTermination: "true" },
      },
    ],
    // Machines are made by AWS, which knows nothing of the provider's default tags.
    tagSpecifications: ["instance", "network-interface", "volume"].map((resourceType) => ({ resourceType, tags: all })),
  };
}

/** What a group is, without the ids that AWS gives. */
export function nodeGroup(settings: NodeGroupSettings): Pick<
  NodeGroupArgs,
  "amiType" | "capacityType" | "instanceTypes" | "labels" | "nodeRepairConfig" | "taints" | "updateConfig"
> & {
  scalingConfig: ScalingConfig;
} {
  const { capacity, instanceTypes, labels, taints } = settings;
  const spot = capacity === "spot";
  const elastic = { ...elasticNodes, effect: "NoSchedule" as const };
  return {
    amiType: "AL2023_x86_64_STANDARD",
    capacityType: spot ? "SPOT" : "ON_DEMAND",
    // On demand, AWS takes the first type that it has; of spot capacity it asks for all at once.
    instanceTypes: spot ? instanceTypes.toSorted() : instanceTypes,
    scalingConfig: scalingConfig(settings),
    labels: { ...labels, ...(spot ? { [elasticNodes.key]: elasticNodes.value } : {}) },
    taints: [...taints, ...(spot ? [elastic] : [])]
      .map(({ key, value, effect }) => ({ key, value, effect: effects[effect] }))
      .toSorted((a, b) => (`${a.key} ${a.effect}` < `${b.key} ${b.effect}` ? -1 : 1)),
    updateConfig: { maxUnavailable: 1 },
    // A machine whose kubelet has been silent for half an hour is replaced; EC2's own checks do not see it.
    nodeRepairConfig: { enabled: true },
  };
}

const effects = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
} as const;

/** Role of every node, and what must be there before a node takes it on. */
export function nodeRole(
  name: string,
  child: pulumi.CustomResourceOptions,
): { arn: pulumi.Output<string>; rights: readonly pulumi.Resource[] } {
  const role = new Role(`${name}-node-role`, { assumeRolePolicy: JSON.stringify(trustedNodes()) }, child);
  const rights = managedPolicies.node.map((policyArn) => {
    const policy = policyArn.split("/").at(-1) ?? policyArn;
    return new RolePolicyAttachment(`${name}-node-role-${policy}`, { role: role.name, policyArn }, child);
  });
  return { arn: role.arn, rights };
}

export interface ManagedNodeGroupArgs {
  readonly cluster: { readonly name: string; readonly version: string };
  readonly aws: Pick<AwsSettings, "region">;
  readonly settings: NodeGroupSettings;
  readonly nodeRoleArn: pulumi.Output<string>;
  readonly subnetIds: readonly pulumi.Output<string>[];
  readonly tags: Readonly<Record<string, string>>;
  readonly child: pulumi.CustomResourceOptions;
  readonly dependsOn: readonly pulumi.Resource[];
}

/** One group of nodes and its launch template. Its name on AWS is made up, so that a new one is there before the old goes. */
export function managedNodeGroup(name: string, group: string, args: ManagedNodeGroupArgs): NodeGroup {
  const { cluster, settings, nodeRoleArn, subnetIds, tags, child } = args;
  const template = new LaunchTemplate(
    `${name}-${group}-template`,
    launchTemplate(group, cluster.name, settings, tags),
    child,
  );
  const nodes = new NodeGroup(
    `${name}-${group}-nodes`,
    {
      clusterName: cluster.name,
      version: cluster.version,
      nodeRoleArn,
      subnetIds: [...subnetIds],
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      ...nodeGroup(settings),
      tags: { Name: `${cluster.name}-${group}` },
    },
    {
      ...child,
      dependsOn: [...args.dependsOn],
      // Nodes are replaced one by one, and each has up to 15 minutes to be drained. The provider gives an hour for all.
      customTimeouts: { update: "6h" },
      ...leftToAutoscaler(settings),
    },
  );
  noticeBounds(nodes, { region: args.aws.region, clusterName: cluster.name, group }, settings);
  return nodes;
}

/** The autoscaling group that EKS makes for a node group: exactly one. */
export function autoscalingGroupOf(nodeGroup: NodeGroup): AutoscalingGroup {
  const names = nodeGroup.resources.apply((made) =>
    made.flatMap(({ autoscalingGroups }) => autoscalingGroups.map(nameOf)).join(),
  );
  return { name: names, nodeGroup };
}

function nameOf({ name }: { name: string }): string {
  return name;
}
