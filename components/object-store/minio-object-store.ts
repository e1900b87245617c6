import type { ObjectStore } from "../contracts.ts";
import type { Hosts } from "../names.ts";
import { secondsOf } from "../scalars.ts";
import type { MinioSettings } from "./settings.ts";

/** What a tenant offers, known before it is there. */
export function minioObjectStore(
  hosts: Pick<Hosts, "objectStore">,
  { region, credentialsLifetime }: Pick<MinioSettings, "region" | "credentialsLifetime">,
): ObjectStore {
  const endpoint = `https://${hosts.objectStore}`;
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
