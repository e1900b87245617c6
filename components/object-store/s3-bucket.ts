/** What is set on the bucket, as far as there is something to decide. */
import type { input } from "@pulumi/aws/types/index.js";

import type { AccessModel } from "../access/access-model.ts";
import type { S3Settings } from "./settings.ts";

type LifecycleRule = input.s3.BucketLifecycleConfigurationRule;

/** The portal's pages talk to S3 from the browser; no other site's may. */
export function corsRules({ objectStore }: AccessModel): input.s3.BucketCorsConfigurationCorsRule[] {
  return [
    {
      allowedOrigins: objectStore.webOrigins.toSorted(),
      allowedMethods: ["DELETE", "GET", "HEAD", "POST", "PUT"],
      allowedHeaders: ["*"],
      // Without the ETag of each part, a large upload cannot be put together.
      exposeHeaders: ["ETag", "x-amz-request-id", "x-amz-version-id"],
      maxAgeSeconds: 3600,
    },
  ];
}

/** What happens to objects by themselves. */
export function lifecycleRules(settings: S3Settings["lifecycle"]): LifecycleRule[] {
  const rule = (id: string, what: Omit<LifecycleRule, "id" | "status" | "filter">): LifecycleRule => ({
    id,
    status: "Enabled",
    filter: { prefix: "" },
    ...what,
  });
  return [
    rule("abandoned-uploads", {
      abortIncompleteMultipartUpload: { daysAfterInitiation: settings.abandonedUploadDays },
    }),
    ...(settings.intelligentTiering
      ? [rule("intelligent-tiering", { transitions: [{ days: 0, storageClass: "INTELLIGENT_TIERING" }] })]
      : []),
    rule("noncurrent-versions", {
      noncurrentVersionExpiration: { noncurrentDays: settings.noncurrentVersionDays },
      // What is left of an object whose versions are all gone.
      expiration: { expiredObjectDeleteMarker: true },
    }),
  ];
}
