/** What S3 services say about buckets. */
import type { Expectations } from "../expectations.ts";
import { xmlField } from "../s3.ts";
import type { Finding } from "../step.ts";
import type { WebAnswer } from "../web-client.ts";

/** Whether all users have their place in one bucket. */
export function isShared({ access }: Pick<Expectations, "access">): boolean {
  return !access.home.bucket.includes("{username}");
}

export function isMissing({ status, text }: WebAnswer): boolean {
  return status === 404 && xmlField(text, "Code") === "NoSuchBucket";
}

/** A refusal because of who asks, not of how: a wrong signature or clock says nothing about what is allowed. */
export function isDenied({ status, text }: WebAnswer): boolean {
  return status === 403 && xmlField(text, "Code") === "AccessDenied";
}

/** A bucket that users share is nobody's to make. */
export function missingBucket(bucket: string): Finding {
  return {
    problem: `There is no bucket ${bucket}, which all users share`,
    cause: "it was never made, has another name, or somebody has deleted it",
    cure: "Make it, or correct datalab:objectStore.bucket",
  };
}
