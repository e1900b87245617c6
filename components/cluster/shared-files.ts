import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { FileSystem } from "@pulumi/aws/efs/fileSystem.js";
import { FileSystemPolicy } from "@pulumi/aws/efs/fileSystemPolicy.js";
import { MountTarget } from "@pulumi/aws/efs/mountTarget.js";
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";

import { clusterArn, trustedPods } from "../aws/policy.ts";
import type { AwsSettings } from "../aws/settings.ts";
import type { VirtualNetwork } from "../contracts.ts";
import { filesMounter } from "./eks-permissions.ts";
import { sharedFilesPolicy } from "./shared-files-policy.ts";

const nfs = 2049;

export interface SharedFilesArgs {
  /** The cluster, whose name people see in the AWS console. */
  readonly clusterName: string;
  /** The cluster itself, which knows the driver by its role. */
  readonly cluster: pulumi.Resource;
  readonly aws: Pick<AwsSettings, "accountId" | "region">;
  readonly network: VirtualNetwork;
  /** Group of the nodes, the only ones that reach it. */
  readonly nodesSecurityGroupId: pulumi.Output<string>;
  readonly protectData: boolean;
  readonly child: pulumi.CustomResourceOptions;
}

export interface SharedFiles {
  readonly fileSystem: FileSystem;
  /** Who the driver is on each node. A pod learns it when it begins: the driver comes after it. */
  readonly mounter: pulumi.Resource;
  readonly ready: readonly pulumi.Resource[];
}

/** An encrypted file system that grows by itself, reached from each zone, by the driver alone. */
export function sharedFiles(name: string, args: SharedFilesArgs): SharedFiles {
  const { clusterName, network, child } = args;
  const tags = { Name: clusterName };
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
  const { role, association } = mounterIdentity(`${name}-files-mounter`, args);
  const policy = new FileSystemPolicy(
    `${name}-files-policy`,
    {
      fileSystemId: fileSystem.id,
      policy: pulumi
        .all([fileSystem.arn, role.arn])
        .apply(([fileSystemArn, mounterRoleArn]) =>
          JSON.stringify(sharedFilesPolicy({ aws: args.aws, fileSystemArn, mounterRoleArn })),
        ),
    },
    child,
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
        // There is no way in before it is said who may come.
        { ...child, dependsOn: [policy] },
      ),
  );
  return { fileSystem, mounter: association, ready: [access, policy, association, ...targets] };
}

/** A role of its own for what mounts: a node's role is within reach of every pod in the node's network. */
function mounterIdentity(name: string, { clusterName, cluster, aws, child }: SharedFilesArgs) {
  const trust = trustedPods(clusterArn(aws, clusterName), aws.accountId, filesMounter);
  const role = new Role(`${name}-role`, { assumeRolePolicy: JSON.stringify(trust) }, child);
  const association = new PodIdentityAssociation(
    name,
    { ...filesMounter, clusterName, roleArn: role.arn },
    { ...child, dependsOn: [cluster] },
  );
  return { role, association };
}
