import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { FlowLog } from "@pulumi/aws/ec2/flowLog.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import type * as pulumi from "@pulumi/pulumi";

import { type PolicyDocument, policyDocument, trustedService } from "../aws/policy.ts";
import type { AwsSettings } from "../aws/settings.ts";

type Account = Pick<AwsSettings, "accountId" | "region">;

/** What the flow log service does with its one log group. */
export function flowLogPolicy({ accountId, region }: Account, logGroup: string): PolicyDocument {
  const groups = `arn:aws:logs:${region}:${accountId}:log-group:`;
  return policyDocument(
    {
      Sid: "WriteFlows",
      Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: [`${groups}${logGroup}:*`],
    },
    // Without it AWS may deliver nothing, and says so in the flow log's status alone.
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    { Sid: "FindGroup", Action: ["logs:DescribeLogGroups"], Resource: [`${groups}*`] },
  );
}

/** Records every connection of a VPC. */
export function flowLogs(
  name: string,
  vpcId: pulumi.Input<string>,
  account: Account,
  logGroup: string,
  child: pulumi.CustomResourceOptions,
): void {
  const group = new LogGroup(`${name}-flow-logs`, { name: logGroup, retentionInDays: 30 }, child);
  const trust = trustedService("vpc-flow-logs", account.accountId);
  const role = new Role(`${name}-flow-logs-role`, { assumeRolePolicy: JSON.stringify(trust) }, child);
  const policy = new RolePolicy(
    `${name}-flow-logs-policy`,
    { role: role.name, policy: JSON.stringify(flowLogPolicy(account, logGroup)) },
    child,
  );
  new FlowLog(
    `${name}-flow-log`,
    { vpcId, trafficType: "ALL", logDestination: group.arn, iamRoleArn: role.arn },
    { ...child, dependsOn: [policy] },
  );
}
