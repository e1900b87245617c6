import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { FileSystem } from "@pulumi/aws/efs/fileSystem.js";
import { MountTarget } from "@pulumi/aws/efs/mountTarget.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import type * as pulumi from "@pulumi/pulumi";

import type { VirtualNetwork } from "../contracts.ts";

const nfs = 2049;

export interface SharedFilesArgs {
  /** Name that people see in the AWS console. */
  readonly displayName: string;
  readonly network: VirtualNetwork;
  /** Group of the nodes, the only ones that reach it. */
  readonly nodesSecurityGroupId: pulumi.Output<string>;
  readonly protectData: boolean;
  readonly child: pulumi.CustomResourceOptions;
}

/** An encrypted file system that grows by itself, reached from each zone. */
export function sharedFiles(
  name: string,
  args: SharedFilesArgs,
): { fileSystem: FileSystem; ready: readonly pulumi.Resource[] } {
  const { displayName, network, child } = args;
  const tags = { Name: displayName };
  const fileSystem = new FileSystem(
    `${name}-files`,
    {
      encrypted: true,
      throughputMode: "elastic",
      // What nobody has opened for a month moves to the cheaper class, and back when somebody does.
      lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
      tags,
    },
    { ...child, protect: args.protectData },
  );
  const group = new SecurityGroup(
    `${name}-files-access`,
    { vpcId: network.vpcId, description: "NFS from the nodes", tags },
    child,
  );
  const access = new SecurityGroupIngressRule(
    `${name}-files-nfs`,
    {
      securityGroupId: group.id,
      referencedSecurityGroupId: args.nodesSecurityGroupId,
      ipProtocol: "tcp",
      fromPort: nfs,
      toPort: nfs,
    },
    child,
  );
  const targets = Object.entries(network.privateSubnets).map(
    ([place, subnetId]) =>
      new MountTarget(
        `${name}-files-${place}`,
        { fileSystemId: fileSystem.id, subnetId, securityGroups: [group.id] },
        child,
      ),
  );
  return { fileSystem, ready: [access, ...targets] };
}
