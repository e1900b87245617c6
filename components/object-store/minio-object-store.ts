import type { Addresses } from "../addresses.ts";
import type { ObjectStore } from "../contracts.ts";
import { secondsOf } from "../scalars.ts";
import type { MinioSettings } from "./settings.ts";

/** What a tenant offers, known before it is there. */
export function minioObjectStore(
  { objectStore: endpoint }: Pick<Addresses, "objectStore">,
  { region, credentialsLifetime }: Pick<MinioSettings, "region" | "credentialsLifetime">,
): ObjectStore {
  return {
    endpoint,
    region,
    pathStyleAccess: true,
    sts: {
      url: endpoint,
      durationSeconds: secondsOf(credentialsLifetime),
      // The token names the policy.
      roleArn: "",
      roleSessionName: "",
    },
  };
}
