/** What AWS would compute, for the mocks. The whole of it has the recording provider. */
import type * as pulumi from "@pulumi/pulumi";

/** Computed values of one resource, readable in an assertion. */
export function awsOutputs({ type, name }: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
  if (!type.startsWith("aws:")) return {};
  const common = { arn: `arn-of-${name}` };
  switch (type) {
    case "aws:eks/cluster:Cluster":
      return {
        ...common,
        endpoint: `https://${name}.example.test`,
        certificateAuthority: { data: `authority-of-${name}` },
        vpcConfig: { clusterSecurityGroupId: `nodes-of-${name}` },
      };
    case "aws:eks/nodeGroup:NodeGroup":
      return { ...common, resources: [{ autoscalingGroups: [{ name: `machines-of-${name}` }] }] };
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return { ...common, latestVersion: 1 };
    case "aws:lb/loadBalancer:LoadBalancer":
      return { ...common, dnsName: `${name}.elb.example.test`, zoneId: `zone-of-${name}` };
    case "aws:route53/zone:Zone":
      return { ...common, nameServers: [`ns-1.${name}.example.test`, `ns-2.${name}.example.test`] };
    case "aws:iam/role:Role":
      return { ...common, name };
    default:
      return common;
  }
}
