import { Addon } from "@pulumi/aws/eks/addon.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import type * as pulumi from "@pulumi/pulumi";

import { clusterArn, trustedPods } from "../aws/policy.ts";
import type { AwsSettings } from "../aws/settings.ts";
import { type AddonName, addons, type KubernetesVersion } from "../versions.ts";
import { type AddonIdentity, addonIdentities } from "./eks-permissions.ts";

/** Add-ons that every node needs to become ready: they are there before the first one. */
export const beforeNodes = ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"] as const satisfies readonly AddonName[];
/** Add-ons whose pods need a node. */
export const onNodes = [
  "aws-ebs-csi-driver",
  "aws-efs-csi-driver",
  "coredns",
  "metrics-server",
] as const satisfies readonly AddonName[];

/** Settings of an add-on, as its own schema has them; undefined for its defaults. */
export function addonConfiguration(
  addon: AddonName,
  { tags, reservedSlots }: Pick<AddonArgs, "tags" | "reservedSlots">,
): object | undefined {
  switch (addon) {
    case "vpc-cni":
      // Without it NetworkPolicies are accepted and do nothing. Strings, by the schema of this add-on.
      return { enableNetworkPolicy: "true" };
    case "aws-ebs-csi-driver":
      // Volumes are made by the driver, not by Pulumi: they get the stack's tags this way.
      return {
        controller: { extraVolumeTags: tags },
        ...(reservedSlots === undefined ? {} : { node: { reservedVolumeAttachments: reservedSlots } }),
      };
    default:
      return undefined;
  }
}

export interface AddonArgs {
  readonly cluster: { readonly name: string; readonly version: KubernetesVersion };
  readonly aws: Pick<AwsSettings, "accountId" | "region">;
  /** Tags of what the add-on makes on AWS. */
  readonly tags: Readonly<Record<string, string>>;
  /** Slots of each node that volumes must leave. @default what the driver of volumes finds out by itself */
  readonly reservedSlots: number | undefined;
  readonly child: pulumi.CustomResourceOptions;
  readonly dependsOn: readonly pulumi.Resource[];
}

const identities: Partial<Record<AddonName, AddonIdentity>> = addonIdentities;

/** One pinned add-on, in a role of its own where it calls AWS. */
export function addon(name: string, which: AddonName, args: AddonArgs): Addon {
  const { cluster, child } = args;
  const configuration = addonConfiguration(which, args);
  const inputs = {
    clusterName: cluster.name,
    addonName: which,
    addonVersion: addons[cluster.version][which],
    resolveConflictsOnCreate: "OVERWRITE",
    // What an operator has changed by hand in the cluster stays.
    resolveConflictsOnUpdate: "PRESERVE",
    ...(configuration === undefined ? {} : { configurationValues: JSON.stringify(configuration) }),
  };
  const identity = identities[which];
  if (identity === undefined)
    return new Addon(`${name}-${which}`, inputs, { ...child, dependsOn: [...args.dependsOn] });
  const { role, attachment } = identityRole(`${name}-${which}`, identity, args);
  return new Addon(
    `${name}-${which}`,
    { ...inputs, podIdentityAssociations: [{ roleArn: role.arn, serviceAccount: identity.serviceAccount }] },
    { ...child, dependsOn: [...args.dependsOn, attachment] },
  );
}

function identityRole(name: string, identity: AddonIdentity, { cluster, aws, child }: AddonArgs) {
  const trust = trustedPods(clusterArn(aws, cluster.name), aws.accountId, identity);
  const role = new Role(`${name}-role`, { assumeRolePolicy: JSON.stringify(trust) }, child);
  const attachment = new RolePolicyAttachment(
    `${name}-role-policy`,
    { role: role.name, policyArn: identity.policyArn },
    child,
  );
  return { role, attachment };
}
