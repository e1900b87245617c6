/** What hangs on the autoscaling group that EKS makes for a node group. */
import type { Account, AwsResource } from "./account.ts";
import { list, object, text, texts, type Values } from "./values.ts";

const attachment = "aws:autoscaling/attachment:Attachment";

function attachmentsOf(outputs: Values, account: Account): AwsResource[] {
  const groups = list(outputs["resources"]).flatMap((made) =>
    list(object(made)["autoscalingGroups"]).flatMap((group) => texts([object(group)["name"] ?? ""])),
  );
  return account
    .resources()
    .filter(({ token, inputs }) => token === attachment && groups.includes(text(inputs["autoscalingGroupName"]) ?? ""));
}

/** A node group that goes takes its autoscaling group along, and that one its attachments: its machines are targets until they end. */
export function goesWithNodeGroup({ token, outputs }: AwsResource, account: Account): AwsResource[] {
  return token === "aws:eks/nodeGroup:NodeGroup" ? attachmentsOf(outputs, account) : [];
}

/**
 * No machine starts in a group that is attached to something that has gone.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-loadbalancer.html
 */
export function launchRefusal(before: Values, account: Account): string | undefined {
  const lost = attachmentsOf(before, account).find(
    ({ inputs }) => !account.find("aws:lb/targetGroup:TargetGroup", text(inputs["lbTargetGroupArn"]) ?? ""),
  );
  return (
    lost && `NodeCreationFailure: One or more target groups not found: ${text(lost.inputs["lbTargetGroupArn"]) ?? ""}`
  );
}
