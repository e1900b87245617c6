import { createHash } from "node:crypto";

import { bucketPerUser, type StorageLayout } from "../access/access-model.ts";
import { PlatformError } from "../errors.ts";
import type { ObjectStoreSettings } from "./settings.ts";

/** What a bucket's name is made of when the settings name none. */
export interface Platform {
  readonly domain: string;
  /** Account on AWS; undefined where the platform is not on AWS. */
  readonly accountId?: string | undefined;
}

/**
 * Where users' objects are, for the AccessModel.
 *
 * @throws PlatformError when a bucket on AWS has neither a name nor an account to be named after
 */
export function storageLayout(settings: ObjectStoreSettings, platform: Platform): StorageLayout {
  switch (settings.kind) {
    case "minio":
      return bucketPerUser;
    case "s3":
      // One bucket for all: an account has a limited number, and each name can be taken by anybody on AWS.
      return {
        home: { bucket: settings.bucket ?? defaultBucket(platform), prefix: "user-{username}/" },
        sessionTags: true,
      };
    case "external":
      return {
        home: { bucket: settings.bucket, prefix: settings.prefix },
        sessionTags: settings.sts.sessionTags,
      };
  }
}

const longestName = 63;

/** The account makes the name one that nobody else has taken, the domain tells platforms of one account apart. */
function defaultBucket({ domain, accountId }: Platform): string {
  if (accountId === undefined) {
    throw new PlatformError(
      "objectStore.bucket is missing, and there is no account on AWS to name it after",
      "pulumi config set --path 'datalab:aws.accountId' <account>",
    );
  }
  return `datalab-${accountId}-${domain.replaceAll(".", "-")}`.slice(0, longestName).replace(/-+$/, "");
}

/** Name on AWS of a bucket of the platform's own. One that is too long ends in a hash of all of it. */
export function servicePlaceBucket(bucket: string, { domain, accountId }: Required<Platform>): string {
  const whole = `${bucket}-${accountId ?? ""}-${domain.replaceAll(".", "-")}`;
  if (whole.length <= longestName) return whole;
  const hash = createHash("sha256").update(`${bucket} ${domain}`).digest("hex").slice(0, 8);
  return `${whole.slice(0, longestName - 1 - hash.length).replace(/-+$/, "")}-${hash}`;
}
