import { OpenIdConnectProvider } from "@pulumi/aws/iam/openIdConnectProvider.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { BucketCorsConfiguration } from "@pulumi/aws/s3/bucketCorsConfiguration.js";
import * as pulumi from "@pulumi/pulumi";

import type { AccessModel } from "../access/access-model.ts";
import type { ObjectStore } from "../contracts.ts";
import { PlatformError } from "../errors.ts";
import { secondsOf } from "../scalars.ts";
import { corsRules } from "./s3-bucket.ts";
import { closedBucket } from "./s3-closed-bucket.ts";
import { loginTrust, ownPrefixPolicy } from "./s3-policies.ts";
import type { S3Settings } from "./settings.ts";

export interface S3ObjectStoreArgs {
  /** Made with the layout that `storageLayout` gives for these settings: it names the bucket. */
  readonly access: AccessModel;
  /** Account and region of the provider in `providers`. Plain, so that every ARN is known beforehand. */
  readonly accountId: string;
  readonly region: string;
  /** Key `datalab:objectStore` of the stack file. */
  readonly settings: S3Settings;
  /** Refuses to delete or replace the bucket, and keeps it as long as something is in it. @default false */
  readonly protectData?: boolean | undefined;
}

/** AWS allows no shorter maximum for a role. */
const shortestMaximum = 3600;

/**
 * SHA-1 of ISRG Root X1. AWS trusts public authorities by itself and looks at thumbprints for others only; without one,
 * it would ask Keycloak for its certificate at this moment, when it may not be served yet.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 */
const publicAuthority = "cabd2a79a1076a31f21d253635cb039d4329a5e8";

/**
 * One bucket on AWS in which every user has a prefix of their own. A login at the realm takes on one role, and the name
 * in the token decides what the role opens.
 *
 * @example
 * ```ts
 * const account = { accountId: "123456789012", region: "eu-west-3" };
 * new S3ObjectStore("object-store", { access, ...account, settings: s3, protectData: true }, onAws);
 * ```
 */
export class S3ObjectStore extends pulumi.ComponentResource implements ObjectStore {
  readonly endpoint: string;
  readonly region: string;
  readonly pathStyleAccess = false;
  readonly sts: ObjectStore["sts"];
  /** Name of the bucket. */
  readonly bucket: string;

  constructor(name: string, args: S3ObjectStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:object-store:S3ObjectStore", name, { settings: args.settings, region: args.region }, opts);
    const { access, accountId, region, settings } = args;
    const tag = tagOf(access);
    const child = { parent: this };

    this.bucket = access.home.bucket;
    const { lifecycle } = settings;
    const bucket = closedBucket(name, { bucket: this.bucket, lifecycle, protectData: args.protectData === true }, this);
    new BucketCorsConfiguration(
      `${name}-cors`,
      { bucket: this.bucket, corsRules: corsRules(access) },
      { ...child, dependsOn: [bucket] },
    );

    const provider = new OpenIdConnectProvider(
      `${name}-realm`,
      { url: access.issuerUrl, clientIdLists: [access.objectStore.audience], thumbprintLists: [publicAuthority] },
      child,
    );
    const lifetime = secondsOf(settings.credentialsLifetime);
    // The bucket's name, because the account can hold other platforms.
    const roleName = this.bucket;
    const role = new Role(
      `${name}-role`,
      {
        name: roleName,
        description: `Users of ${access.issuerUrl} in the bucket ${this.bucket}`,
        assumeRolePolicy: JSON.stringify(loginTrust(access, tag, accountId)),
        maxSessionDuration: Math.max(lifetime, shortestMaximum),
      },
      { ...child, dependsOn: [provider] },
    );
    new RolePolicy(
      `${name}-role-policy`,
      { name: "own-prefix", role: roleName, policy: JSON.stringify(ownPrefixPolicy(access, tag)) },
      { ...child, dependsOn: [role] },
    );

    this.endpoint = `https://s3.${region}.amazonaws.com`;
    this.region = region;
    this.sts = {
      // The region's own: the global one answers from far away, with credentials that some regions refuse.
      url: `https://sts.${region}.amazonaws.com`,
      durationSeconds: lifetime,
      roleArn: `arn:aws:iam::${accountId}:role/${roleName}`,
      roleSessionName: "datalab",
    };
    this.registerOutputs({ endpoint: this.endpoint, bucket: this.bucket, roleArn: this.sts.roleArn });
  }
}

function tagOf({ home, objectStore: { sessionTags } }: AccessModel): string {
  if (sessionTags === undefined || home.bucket.includes("{username}") || !home.prefix.includes("{username}")) {
    throw new PlatformError(
      "the access model gives users no prefix in a bucket of AWS",
      "make it with the layout that `storageLayout` gives for the settings of the object store",
    );
  }
  return sessionTags.username;
}
