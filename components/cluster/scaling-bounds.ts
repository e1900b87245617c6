import type { NodeGroup } from "@pulumi/aws/eks/nodeGroup.js";
import * as pulumi from "@pulumi/pulumi";

import type { NodeGroupSettings } from "./eks-settings.ts";

/** Numbers of nodes, as EKS has them. */
export interface ScalingConfig {
  readonly minSize: number;
  readonly maxSize: number;
  /** What an autoscaler moves. */
  readonly desiredSize: number;
}

/** Numbers of nodes that a group begins with. */
export function scalingConfig({ min, max }: Pick<NodeGroupSettings, "min" | "max">): ScalingConfig {
  return { minSize: min, maxSize: max ?? Math.max(min, 1), desiredSize: min };
}

/**
 * Keeps Pulumi from the numbers of a group with an autoscaler. The provider sends all three as soon as one differs, and
 * the number of nodes would be the one that the state remembers: AWS would end the others.
 * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html
 */
export function leftToAutoscaler({ max }: Pick<NodeGroupSettings, "max">): { ignoreChanges?: string[] } {
  return max === undefined ? {} : { ignoreChanges: ["scalingConfig"] };
}

export interface Place {
  readonly region: string;
  readonly clusterName: string;
  readonly group: string;
  /** Name of the group on AWS. */
  readonly nodeGroupName: string;
}

/** What a person does where the bounds of the settings are not those of the group; undefined where they are. */
export function boundsNotice(
  { region, clusterName, group, nodeGroupName }: Place,
  current: Pick<ScalingConfig, "minSize" | "maxSize">,
  wanted: Pick<ScalingConfig, "minSize" | "maxSize">,
): string | undefined {
  const { minSize, maxSize } = wanted;
  if (current.minSize === minSize && current.maxSize === maxSize) return undefined;
  return [
    `The nodes of ${group} are between ${current.minSize} and ${current.maxSize}, the settings say ${minSize} and ${maxSize}.`,
    "They belong to an autoscaler, so this run does not change them. Tell AWS, and then Pulumi:",
    `  aws eks update-nodegroup-config --region ${region} --cluster-name ${clusterName} --nodegroup-name ${nodeGroupName} --scaling-config minSize=${minSize},maxSize=${maxSize}`,
    "  pulumi refresh",
  ].join("\n");
}

/** Says in each run, previews included, what `leftToAutoscaler` kept from AWS. */
export function noticeBounds(nodes: NodeGroup, place: Omit<Place, "nodeGroupName">, settings: NodeGroupSettings): void {
  if (settings.max === undefined) return;
  pulumi.all([nodes.nodeGroupName, nodes.scalingConfig]).apply(([nodeGroupName, current]) => {
    const notice = boundsNotice({ ...place, nodeGroupName }, current, scalingConfig(settings));
    if (notice !== undefined) void pulumi.log.warn(notice, nodes);
  });
}
