/** The three policies of a bucket on AWS. Every ARN is a plain string, so that a preview shows them whole. */
import type { PolicyDocument } from "@pulumi/aws/iam/documents.js";

import { type AccessModel, homeOf } from "../access/access-model.ts";
import { objectActions, s3, serviceBucketStatements } from "./bucket-policy.ts";

/** The bucket that a policy is about. */
interface InBucket {
  readonly bucket: string;
}

/** Refuses whoever comes without TLS, whatever else allows. */
export function encryptedTransportPolicy({ bucket }: InBucket): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "EncryptedTransportOnly",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: [arnOf(bucket), `${arnOf(bucket)}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}

/** Name of a realm's OIDC provider within an account, and of its condition keys: the issuer without its scheme. */
export function providerName({ issuerUrl }: Pick<AccessModel, "issuerUrl">): string {
  return issuerUrl.replace("https://", "");
}

/**
 * Who may take on the role: bearers of a token of the realm that was made for the object store and says whose it is.
 * Without the tag, all users would have the same place; such a session never begins.
 */
export function loginTrust(access: AccessModel, tag: string, accountId: string): PolicyDocument {
  const provider = providerName(access);
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "RealmLogin",
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${provider}` },
        Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        Condition: {
          // AWS compares `azp` where a token has it, else `aud`. The realm puts the same client into both.
          StringEquals: { [`${provider}:aud`]: access.objectStore.audience },
          StringLike: { [`aws:RequestTag/${tag}`]: "?*" },
          "ForAllValues:StringEquals": { "aws:TagKeys": [tag] },
        },
      },
    ],
  };
}

/** Everything below the user's own prefix, nothing anywhere else. AWS fills in the name that the session was tagged with. */
export function ownPrefixPolicy(access: AccessModel, tag: string): PolicyDocument {
  const { bucket, prefix } = homeOf(access, `\${aws:PrincipalTag/${tag}}`);
  return {
    Version: "2012-10-17",
    Statement: [
      // Programs ask for it before they sign.
      { Sid: "BucketLocation", Effect: "Allow", Action: ["s3:GetBucketLocation"], Resource: [arnOf(bucket)] },
      {
        Sid: "ListOwnPrefix",
        Effect: "Allow",
        // Not the list of uploads under way: it cannot be limited to a prefix, and holds others' keys.
        Action: s3(["ListBucket", "ListBucketVersions"]),
        Resource: [arnOf(bucket)],
        Condition: { StringLike: { "s3:prefix": [`${prefix}*`] } },
      },
      { Sid: "OwnObjects", Effect: "Allow", Action: s3(objectActions), Resource: [`${arnOf(bucket)}/${prefix}*`] },
    ],
  };
}

/** What the pods of a part may do: see `serviceBucketStatements`. */
export function servicePlacePolicy(bucket: string): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: serviceBucketStatements(bucket).map(({ Resource = [], ...statement }) => ({
      ...statement,
      Action: [...statement.Action],
      Resource: [...Resource],
    })),
  };
}

function arnOf(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}
