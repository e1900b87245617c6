/** Bearer tokens, checked as Spring's resource server checks them. */
import { verify } from "node:crypto";

import { isObject, type Json } from "./fields.ts";
import type { Issuer } from "./issuer.ts";

/** Clocks may differ by this many seconds. */
const skew = 60;

/** A token that is not accepted; the text goes into `WWW-Authenticate`. */
export class InvalidToken extends Error {}

/**
 * The claims of a token.
 * @param audience Empty: any.
 * @throws InvalidToken
 */
export async function verifiedClaims(token: string, issuer: Issuer, audience: string, now = Date.now()): Promise<Json> {
  const parts = token.split(".");
  const [head = "", body = "", signature = ""] = parts;
  if (parts.length !== 3) throw new InvalidToken("Malformed token");
  const header = decoded(head);
  if (header["alg"] !== "RS256") throw new InvalidToken("Unsupported algorithm");
  const kid = header["kid"];
  const key = await issuer.key(typeof kid === "string" ? kid : undefined);
  if (key === undefined) throw new InvalidToken("Signed JWT rejected: no matching key");
  if (!verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) {
    throw new InvalidToken("Signed JWT rejected: Invalid signature");
  }
  const claims = decoded(body);
  const seconds = now / 1000;
  const at = (name: string) => (typeof claims[name] === "number" ? claims[name] : undefined);
  const expiry = at("exp");
  if (expiry !== undefined && seconds - skew > expiry) throw new InvalidToken("Jwt expired");
  const start = at("nbf");
  if (start !== undefined && seconds + skew < start) throw new InvalidToken("Jwt used before its time");
  if (claims["iss"] !== issuer.uri) throw new InvalidToken("The iss claim is not valid");
  if (audience !== "" && ![claims["aud"]].flat().includes(audience)) {
    throw new InvalidToken("The aud claim is not valid");
  }
  return claims;
}

function decoded(part: string): Json {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    if (isObject(value)) return value;
  } catch {
    // The same complaint as for any other text.
  }
  throw new InvalidToken("Malformed token");
}
