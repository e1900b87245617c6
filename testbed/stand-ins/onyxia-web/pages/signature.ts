/** Signature version 4. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
import type { Credentials } from "./sts.ts";

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  /** SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
  readonly payload: string;
}

/** Headers that sign the request, without `host`, which the browser sends itself. */
export async function signedHeaders(
  request: SignedRequest,
  credentials: Pick<Credentials, "accessKeyId" | "secretAccessKey" | "sessionToken">,
  region: string,
  now: Date,
): Promise<Record<string, string>> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const headers: Record<string, string> = {
    "x-amz-content-sha256": request.payload,
    "x-amz-date": time,
    ...(credentials.sessionToken === "" ? {} : { "x-amz-security-token": credentials.sessionToken }),
  };
  const signed = Object.entries({ ...headers, host: request.url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    request.url.pathname,
    canonicalQuery(request.url.searchParams),
    signed.map(([name, value]) => `${name}:${value}\n`).join(""),
    names,
    request.payload,
  ].join("\n");
  const scope = [time.slice(0, 8), region, "s3", "aws4_request"];
  let key: Bytes = bytes(`AWS4${credentials.secretAccessKey}`);
  for (const part of scope) key = await hmac(key, part);
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), await sha256(bytes(canonical))].join("\n");
  const signature = hex(await hmac(key, text));
  const credential = `${credentials.accessKeyId}/${scope.join("/")}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** Percent-encoding as signatures want it: everything but letters, digits and `-._~`. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${hex(bytes(character)).toUpperCase()}`);
}

export async function sha256(data: Bytes): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", data));
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
}

async function hmac(secret: Bytes, text: string): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, bytes(text));
}

type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function hex(data: Bytes): string {
  return [...new Uint8Array(data)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
