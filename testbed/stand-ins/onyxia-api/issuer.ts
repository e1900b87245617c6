/** The realm, as the API meets it when it starts. */
import { createPublicKey, type KeyObject } from "node:crypto";

import { isObject } from "./fields.ts";
import { type Answer, NoAnswer, send } from "./http.ts";
import { type Hop, Refusal } from "./refusal.ts";

export interface Issuer {
  /** Exactly as in tokens. */
  readonly uri: string;
  /** The signing key of a token; the keys are read again when it is not among them. */
  key(kid: string | undefined): Promise<KeyObject | undefined>;
}

/** @throws Refusal when the document cannot be had, is not trusted, or names another issuer. */
export async function discover(uri: string, trusted: readonly string[]): Promise<Issuer> {
  const document = await json("issuer", `${uri.replace(/\/$/, "")}/.well-known/openid-configuration`, trusted);
  const named = document["issuer"];
  if (named !== uri) {
    throw new Refusal("issuer", `oidc.issuer-uri is ${uri}, but its discovery document names ${String(named)}`);
  }
  const keysUri = document["jwks_uri"];
  if (typeof keysUri !== "string") throw new Refusal("issuer", `the discovery document of ${uri} names no jwks_uri`);
  let keys = await readKeys(keysUri, trusted);
  return {
    uri,
    async key(kid) {
      if (kid === undefined) return undefined;
      if (!keys.has(kid)) keys = await readKeys(keysUri, trusted);
      return keys.get(kid);
    },
  };
}

async function readKeys(uri: string, trusted: readonly string[]): Promise<Map<string, KeyObject>> {
  const { keys } = await json("keys", uri, trusted);
  const signing = (Array.isArray(keys) ? keys : [])
    .filter(isObject)
    .filter((key) => key["kty"] === "RSA" && key["use"] !== "enc" && typeof key["kid"] === "string");
  if (signing.length === 0) throw new Refusal("keys", `${uri} has no RSA key to check signatures with`);
  return new Map(signing.map((key) => [key["kid"] as string, createPublicKey({ key: key, format: "jwk" })]));
}

async function json(hop: Hop, url: string, trusted: readonly string[]): Promise<Record<string, unknown>> {
  let answer: Answer;
  try {
    answer = await send(url, { ca: trusted });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new Refusal(error.untrusted ? "trust" : hop, error.message, { cause: error });
  }
  if (answer.status !== 200) throw new Refusal(hop, `${url} answers ${answer.status}`);
  try {
    const value: unknown = JSON.parse(answer.body);
    if (isObject(value)) return value;
  } catch {
    // The same complaint as for any other text.
  }
  throw new Refusal(hop, `${url} does not answer with a JSON object`);
}
