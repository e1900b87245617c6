import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";

import { clusterArn, trustedPods } from "../aws/policy.ts";
import type { PodIdentityToPlace, ServicePlace } from "../contracts.ts";
import type { ServiceBucket } from "../part.ts";
import { closedBucket } from "./s3-closed-bucket.ts";
import { servicePlacePolicy } from "./s3-policies.ts";
import type { S3Settings } from "./settings.ts";

export interface S3ServicePlaceArgs {
  /** Whose bucket it is. */
  readonly client: ServiceBucket["client"];
  /** Name of the bucket on AWS. */
  readonly bucket: string;
  /** The EKS cluster that the client runs in; it must exist, so its maker belongs into `dependsOn`. */
  readonly clusterName: string;
  readonly accountId: string;
  readonly region: string;
  /** What happens to objects by themselves. */
  readonly lifecycle: S3Settings["lifecycle"];
  /** Refuses to delete or replace the bucket, and keeps it as long as something is in it. @default false */
  readonly protectData?: boolean | undefined;
}

/**
 * A bucket on AWS for a part of the platform, whose pods open it by EKS Pod Identity: no key is stored anywhere.
 *
 * A pod gets its rights when it begins, if the association is some seconds old by then: the part must wait for this component.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 *
 * @example
 * ```ts
 * const client = { namespace: "datalab-packages", workload: "packages" };
 * const account = { accountId: "123456789012", region: "eu-west-3" };
 * const where = { bucket: "datalab-packages-123456789012-example-org", clusterName: cluster.name, ...account };
 * new S3ServicePlace("packages-bucket", { client, ...where, lifecycle: s3.lifecycle, protectData: true }, onAws);
 * ```
 */
export class S3ServicePlace extends pulumi.ComponentResource implements ServicePlace<PodIdentityToPlace> {
  readonly bucket: string;
  readonly region: string;
  readonly access = { kind: "podIdentity" } as const;

  constructor(name: string, args: S3ServicePlaceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { accountId, bucket, client, clusterName, lifecycle, region } = args;
    super("datalab:object-store:S3ServicePlace", name, { bucket, client, clusterName }, opts);
    const pod = { namespace: client.namespace, serviceAccount: client.workload };
    this.bucket = bucket;
    this.region = region;

    closedBucket(name, { bucket, lifecycle, protectData: args.protectData === true }, this);
    const role = new Role(
      `${name}-role`,
      {
        description: `${client.workload} in the cluster ${clusterName}: the bucket ${bucket}`,
        assumeRolePolicy: JSON.stringify(trustedPods(clusterArn(args, clusterName), accountId, pod)),
      },
      { parent: this },
    );
    new RolePolicy(
      `${name}-role-policy`,
      { name: "own-bucket", role: role.id, policy: JSON.stringify(servicePlacePolicy(bucket)) },
      { parent: this },
    );
    new PodIdentityAssociation(`${name}-association`, { ...pod, clusterName, roleArn: role.arn }, { parent: this });

    this.registerOutputs({ bucket, region });
  }
}
