import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";

import { clusterArn, trustedPods } from "../aws/policy.ts";
import { type Hosts, namespaces } from "../names.ts";
import { controllerServiceAccount } from "./cert-manager-chart.ts";
import { challengePolicy } from "./challenge-policy.ts";

export interface ChallengeRightsArgs {
  readonly hosts: Hosts;
  /** The EKS cluster that cert-manager runs in; it must exist, so its maker belongs into `dependsOn`. */
  readonly clusterName: string;
  readonly accountId: string;
  readonly region: string;
  /** Public zones of the two domains; one where it holds both. */
  readonly zoneIds: readonly pulumi.Input<string>[];
}

/**
 * Rights of cert-manager in the zone, by EKS Pod Identity.
 *
 * A pod gets them when it begins, if the association is some seconds old by then: cert-manager must wait for this component,
 * and this component for as little as possible.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 *
 * @example
 * ```ts
 * const account = { accountId: "123456789012", region: "eu-west-3" };
 * new ChallengeRights("challenge-rights", { hosts, clusterName: cluster.name, ...account, zoneIds: [records.zoneId] }, onAws);
 * ```
 */
export class ChallengeRights extends pulumi.ComponentResource {
  constructor(name: string, args: ChallengeRightsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hosts, clusterName, accountId, zoneIds } = args;
    super("datalab:certificates:ChallengeRights", name, { domain: hosts.domain, clusterName }, opts);
    const pod = { namespace: namespaces.certificates, serviceAccount: controllerServiceAccount };

    const role = new Role(
      `${name}-role`,
      {
        description: `cert-manager of the cluster ${clusterName}: proves ${hosts.domain} to Let's Encrypt`,
        assumeRolePolicy: JSON.stringify(trustedPods(clusterArn(args, clusterName), accountId, pod)),
      },
      { parent: this },
    );
    new RolePolicy(
      `${name}-role-policy`,
      {
        name: "dns-challenges",
        role: role.id,
        policy: pulumi.all([...zoneIds]).apply((ids) => JSON.stringify(challengePolicy(hosts, ids))),
      },
      { parent: this },
    );
    new PodIdentityAssociation(
      `${name}-association`,
      { ...pod, clusterName, roleArn: role.arn },
      // Not after the policy, which waits for the zone: a role may get its rights at any time.
      { parent: this },
    );

    this.registerOutputs({});
  }
}
