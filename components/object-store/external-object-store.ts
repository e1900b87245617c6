import type { ObjectStore } from "../contracts.ts";
import { secondsOf } from "../scalars.ts";
import type { ExternalStoreSettings } from "./settings.ts";

/** An S3 service that is there already. Nothing is created. */
export function externalObjectStore(settings: ExternalStoreSettings): ObjectStore {
  const { endpoint, region, pathStyleAccess, sts, credentialsLifetime } = settings;
  return {
    endpoint,
    region,
    pathStyleAccess,
    sts: {
      url: sts.url ?? endpoint,
      durationSeconds: secondsOf(credentialsLifetime),
      roleArn: sts.roleArn ?? "",
      roleSessionName: sts.roleSessionName,
    },
  };
}
