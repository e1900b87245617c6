/** A bucket on AWS as every one of the platform is: encrypted, never public, with TLS alone, and with its old versions. */
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import type * as pulumi from "@pulumi/pulumi";

import { lifecycleRules } from "./s3-bucket.ts";
import { encryptedTransportPolicy } from "./s3-policies.ts";
import type { S3Settings } from "./settings.ts";

export interface ClosedBucketArgs {
  /** Its name, which nobody else on AWS has. */
  readonly bucket: string;
  /** What happens to objects by themselves. */
  readonly lifecycle: S3Settings["lifecycle"];
  /** Refuses to delete or replace the bucket, and keeps it as long as something is in it. */
  readonly protectData: boolean;
}

/** Makes the bucket as children of `parent`, whose name the children begin with. */
export function closedBucket(
  name: string,
  { bucket: bucketName, lifecycle, protectData }: ClosedBucketArgs,
  parent: pulumi.Resource,
): Bucket {
  const child = { parent };
  const inBucket = { bucket: bucketName };
  const bucket = new Bucket(
    `${name}-bucket`,
    { ...inBucket, forceDestroy: !protectData },
    { ...child, protect: protectData },
  );
  const after = (...dependsOn: readonly pulumi.Resource[]) => ({ ...child, dependsOn: [bucket, ...dependsOn] });

  // S3 refuses two changes of a bucket's access at once.
  const ownership = new BucketOwnershipControls(
    `${name}-ownership`,
    { ...inBucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    after(),
  );
  const notPublic = new BucketPublicAccessBlock(
    `${name}-public-access-block`,
    {
      ...inBucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    after(ownership),
  );
  new BucketPolicy(
    `${name}-bucket-policy`,
    { ...inBucket, policy: JSON.stringify(encryptedTransportPolicy(inBucket)) },
    after(notPublic),
  );
  new BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    {
      ...inBucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
          // With a key of their own, thieves of credentials could lock everybody out.
          blockedEncryptionTypes: ["SSE-C"],
        },
      ],
    },
    after(),
  );
  const versioning = new BucketVersioning(
    `${name}-versioning`,
    { ...inBucket, versioningConfiguration: { status: "Enabled" } },
    after(),
  );
  new BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    { ...inBucket, rules: lifecycleRules(lifecycle) },
    after(versioning),
  );
  return bucket;
}
