/** Requests to an S3 service in the name of a login. */
import { createHash, createHmac } from "node:crypto";

import type { ObjectStore } from "../../components/contracts.ts";
import type { WebAnswer, WebClient } from "./web-client.ts";

/** Short-lived keys that a token was exchanged for. */
export interface S3Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken: string;
}

/** What is asked for. */
export interface S3Request {
  readonly method: string;
  /** Empty for the list of buckets. */
  readonly bucket: string;
  /** Of characters that need no encoding. */
  readonly key?: string;
  /** Sorted and encoded. */
  readonly query?: string;
  readonly body?: string;
  readonly at: Date;
}

/** Content of an element of an S3 answer; empty if there is none. */
export function xmlField(text: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "";
}

/** Code and message of an S3 error, as one text. */
export function s3Error({ status, text }: WebAnswer): string {
  const code = xmlField(text, "Code");
  const message = xmlField(text, "Message");
  return [String(status), code, message].filter((part) => part !== "").join(" ");
}

/** Where an object is asked for; a bucket without a key, the list of buckets without either. */
export function placeOf(
  { endpoint, pathStyleAccess }: ObjectStore,
  { bucket, key = "" }: Pick<S3Request, "bucket" | "key">,
): { readonly host: string; readonly path: string } {
  const { host } = new URL(endpoint);
  const inHost = !pathStyleAccess && bucket !== "";
  const path = inHost || bucket === "" ? `/${key}` : `/${bucket}${key === "" ? "" : `/${key}`}`;
  return { host: inHost ? `${bucket}.${host}` : host, path };
}

/** Sends one request with signature version 4. */
export function sendSigned(
  web: WebClient,
  store: ObjectStore,
  { accessKey, secretKey, sessionToken }: S3Credentials,
  { method, query = "", body, at, ...place }: S3Request,
): Promise<WebAnswer> {
  const { host, path } = placeOf(store, place);
  const time = at.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const headers: Record<string, string> = {
    host,
    "x-amz-content-sha256": sha256(body ?? ""),
    "x-amz-date": time,
    "x-amz-security-token": sessionToken,
  };
  const names = Object.keys(headers).toSorted();
  const lines = names.map((name) => `${name}:${headers[name] ?? ""}\n`).join("");
  const canonical = [method, path, query, lines, names.join(";"), sha256(body ?? "")].join("\n");
  const scope = [time.slice(0, 8), store.region, "s3", "aws4_request"];
  const key = scope.reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${secretKey}`));
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n")).toString(
    "hex",
  );
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope.join("/")}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return web.request(`https://${host}${path}${query === "" ? "" : `?${query}`}`, {
    method,
    headers: { ...headers, authorization },
    ...(body === undefined ? {} : { body }),
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
