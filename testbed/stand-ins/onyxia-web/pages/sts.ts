/** Exchange of a token for S3 credentials. */
import { first, type S3 } from "./configuration.ts";
import { ask, Failure } from "./failure.ts";
import { textOf } from "./xml.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Life that Onyxia asks for when the region names none, in seconds. */
const defaultDuration = 604_800;

/** Asks for credentials as Onyxia does: every parameter in the address, the role's only where they are set. */
export async function assumeRole({ URL: storeUrl, sts }: S3, accessToken: string): Promise<Credentials> {
  const role = first(sts?.role);
  const query = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    WebIdentityToken: accessToken,
    DurationSeconds: String(sts?.durationSeconds ?? defaultDuration),
    Version: "2011-06-15",
    ...(role === undefined || role.roleARN === "" ? {} : { RoleArn: role.roleARN }),
    ...(role === undefined || role.roleSessionName === "" ? {} : { RoleSessionName: role.roleSessionName }),
  });
  const url = (sts?.URL ?? storeUrl).replace(/\/$/, "");
  const response = await ask("credentials", `${url}/?${query.toString()}`, { method: "POST" });
  const xml = await response.text();
  if (!response.ok) {
    throw new Failure("credentials", response.status, textOf(xml, "Code"), textOf(xml, "Message"));
  }
  return {
    accessKeyId: textOf(xml, "AccessKeyId"),
    secretAccessKey: textOf(xml, "SecretAccessKey"),
    sessionToken: textOf(xml, "SessionToken"),
    expiration: new Date(textOf(xml, "Expiration")),
  };
}
