import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation.js";
import { Cluster, type ClusterArgs } from "@pulumi/aws/eks/cluster.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import { Key } from "@pulumi/aws/kms/key.js";
import type * as pulumi from "@pulumi/pulumi";

import { overlap } from "../aws/cidr.ts";
import { trustedService } from "../aws/policy.ts";
import type { AwsSettings } from "../aws/settings.ts";
import type { VirtualNetwork } from "../contracts.ts";
import { accessPolicies, managedPolicies, secretsKeyPolicy } from "./eks-permissions.ts";
import type { EksSettings } from "./eks-settings.ts";

/** Addresses of Services. They must not be addresses of the VPC. */
export function serviceCidrOf({ serviceCidr }: Pick<EksSettings, "serviceCidr">, vpcCidr: string): string {
  if (serviceCidr !== undefined) return serviceCidr;
  return overlap(vpcCidr, "172.20.0.0/16") ? "10.100.0.0/16" : "172.20.0.0/16";
}

/** What the control plane is, without the ids that AWS gives. */
export function controlPlane(
  settings: EksSettings,
  vpcCidr: string,
  protectData: boolean,
): Omit<ClusterArgs, "roleArn" | "vpcConfig" | "encryptionConfig"> & {
  endpoint: { endpointPrivateAccess: true; endpointPublicAccess: boolean; publicAccessCidrs?: string[] };
} {
  const { clusterIdentifier, version, publicAccessCidrs, logs } = settings;
  return {
    name: clusterIdentifier,
    version,
    // Otherwise a forgotten cluster is billed six times as much instead of being upgraded.
    upgradePolicy: { supportType: "STANDARD" },
    // Whoever may enter stands in the graph: not even the one who creates the cluster gets in besides.
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    // Add-ons are pinned; the ones that EKS would install itself are not.
    bootstrapSelfManagedAddons: false,
    deletionProtection: protectData,
    enabledClusterLogTypes: logs.toSorted(),
    kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: serviceCidrOf(settings, vpcCidr) },
    endpoint: {
      endpointPrivateAccess: true,
      endpointPublicAccess: publicAccessCidrs.length > 0,
      ...(publicAccessCidrs.length === 0 ? {} : { publicAccessCidrs: publicAccessCidrs.toSorted() }),
    },
  };
}

export interface ControlPlaneArgs {
  readonly settings: EksSettings;
  readonly aws: Pick<AwsSettings, "accountId">;
  readonly network: VirtualNetwork;
  readonly protectData: boolean;
  readonly child: pulumi.CustomResourceOptions;
}

/** The cluster itself, with the key of its Secrets, its role and its logs. */
export function eksControlPlane(name: string, args: ControlPlaneArgs): Cluster {
  const { settings, aws, network, protectData, child } = args;
  const { clusterIdentifier, logDays } = settings;
  const key = new Key(
    `${name}-secrets-key`,
    {
      description: `Secrets of the cluster ${clusterIdentifier}`,
      enableKeyRotation: true,
      deletionWindowInDays: protectData ? 30 : 7,
    },
    { ...child, protect: protectData },
  );
  const trust = trustedService("eks", aws.accountId);
  const role = new Role(`${name}-role`, { assumeRolePolicy: JSON.stringify(trust) }, child);
  const rights = [
    ...managedPolicies.cluster.map(
      (policyArn) => new RolePolicyAttachment(`${name}-role-policy`, { role: role.name, policyArn }, child),
    ),
    new RolePolicy(
      `${name}-role-key`,
      { role: role.name, policy: key.arn.apply((arn) => JSON.stringify(secretsKeyPolicy(arn))) },
      child,
    ),
  ];
  // Made beforehand: otherwise EKS makes it, without an end and without tags.
  const logs = new LogGroup(
    `${name}-logs`,
    { name: `/aws/eks/${clusterIdentifier}/cluster`, retentionInDays: logDays },
    child,
  );
  const { endpoint, ...rest } = controlPlane(settings, network.cidr, protectData);
  return new Cluster(
    `${name}-control-plane`,
    {
      ...rest,
      roleArn: role.arn,
      vpcConfig: { subnetIds: Object.values(network.privateSubnets), ...endpoint },
      encryptionConfig: { resources: ["secrets"], provider: { keyArn: key.arn } },
    },
    { ...child, protect: protectData, dependsOn: [...rights, logs] },
  );
}

/** Lets one principal in. The entry is named after it, whatever the order in the settings. */
export function accessEntry(
  name: string,
  principalArn: string,
  policy: keyof typeof accessPolicies,
  clusterName: string,
  opts: pulumi.CustomResourceOptions,
): AccessPolicyAssociation {
  const label = `${name}-${policy}-${principalArn.replace("arn:aws:iam::", "")}`;
  const entry = new AccessEntry(label, { clusterName, principalArn, type: "STANDARD" }, opts);
  return new AccessPolicyAssociation(
    `${label}-policy`,
    { clusterName, principalArn, policyArn: accessPolicies[policy], accessScope: { type: "cluster" } },
    { ...opts, dependsOn: [entry] },
  );
}
