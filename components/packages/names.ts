/** Fixed names of the package index. */
import type { PypironSettings } from "./settings.ts";

/** Its pods, their Service and their Ingress. */
export const packagesName = "packages";

/** The nightly comparison of the index with its files. */
export const verificationName = "packages-verification";

/** Its program, in the image. @see https://github.com/blackthorn-interstellar/pypiron/blob/main/Dockerfile */
export const serverProgram = "/usr/local/bin/pypiron";

/** Bucket with all that it keeps. */
export const packagesBucket = "datalab-packages";

/** Accounts of the server: `admin` deletes and yanks, `publisher` uploads, `reader` installs where reading needs a login. */
export const accounts = ["admin", "publisher", "reader"] as const;

export type Account = (typeof accounts)[number];

/** Those that there are. */
export function accountsOf({ reads }: Pick<PypironSettings, "reads">): Account[] {
  return accounts.filter((account) => account !== "reader" || reads === "authenticated");
}

/** Secret with the name and the password of an account. */
export function accountSecretName(account: Account): string {
  return `${packagesName}-${account}`;
}

export const accountKeys = { username: "username", password: "password" } as const;

/** Secret with what opens the bucket. */
export const bucketSecretName = `${packagesName}-bucket`;

export const bucketKeys = { account: "account", secretKey: "secretKey" } as const;
