import { type AccessModel, homeOf } from "../access/access-model.ts";

/** A policy as S3 servers read it. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
}

// Bucket and object actions stand apart: `bucket/*` does not open the bucket itself, and some servers once believed
// that it did. https://github.com/pgsty/silo/blob/main/docs/security/advisories.md (SN-2026-004)
const bucketActions = [
  "CreateBucket", // the portal offers to create a bucket that is missing
  "DeleteBucket",
  "GetBucketLocation",
  "GetBucketTagging",
  "GetBucketVersioning",
  "GetLifecycleConfiguration",
  "ListBucket",
  "ListBucketMultipartUploads",
  "ListBucketVersions",
  "PutBucketTagging",
  "PutBucketVersioning",
  "PutLifecycleConfiguration",
];

const sharingActions = ["DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy"];

export const objectActions = [
  "AbortMultipartUpload",
  "DeleteObject",
  "DeleteObjectTagging",
  "DeleteObjectVersion",
  "DeleteObjectVersionTagging",
  "GetObject",
  "GetObjectAttributes",
  "GetObjectTagging",
  "GetObjectVersion",
  "GetObjectVersionAttributes",
  "GetObjectVersionTagging",
  "ListMultipartUploadParts",
  "PutObject",
  "PutObjectTagging",
  "PutObjectVersionTagging",
];

/**
 * The policy that every login gets: everything in the user's own bucket, nothing anywhere else. The server puts in the
 * name that the token carries.
 */
export function ownBucketPolicy(
  access: AccessModel,
  options: { readonly publicSharing?: boolean | undefined } = {},
): PolicyDocument {
  const bucket = `arn:aws:s3:::${homeOf(access, `\${jwt:${access.claims.username}}`).bucket}`;
  const onBucket = options.publicSharing === true ? [...bucketActions, ...sharingActions] : bucketActions;
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "OwnBucket", Effect: "Allow", Action: s3(onBucket), Resource: [bucket] },
      { Sid: "OwnObjects", Effect: "Allow", Action: s3(objectActions), Resource: [`${bucket}/*`] },
      // Servers let everybody make keys for themselves unless it is denied: keys that outlive the login.
      { Sid: "NoLastingKeys", Effect: "Deny", Action: ["admin:*"] },
    ],
  };
}

/** What the server of a part does in its own bucket, and nothing else. */
export function serviceBucketStatements(bucket: string): PolicyStatement[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const onObjects = ["AbortMultipartUpload", "DeleteObject", "GetObject", "PutObject"];
  return [
    { Sid: "ServiceBucket", Effect: "Allow", Action: s3(["ListBucket"]), Resource: [arn] },
    { Sid: "ServiceObjects", Effect: "Allow", Action: s3(onObjects), Resource: [`${arn}/*`] },
  ];
}

/** The policy of a part's account in the store in the cluster. */
export function serviceBucketPolicy(bucket: string): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [...serviceBucketStatements(bucket), { Sid: "NoLastingKeys", Effect: "Deny", Action: ["admin:*"] }],
  };
}

export function s3(actions: readonly string[]): string[] {
  return actions.toSorted().map((action) => `s3:${action}`);
}
