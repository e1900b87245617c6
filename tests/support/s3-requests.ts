/** Signed S3 requests and logins, as a browser or an SDK sends them. */
import { createHash, createHmac } from "node:crypto";

export interface S3Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Exchanges a token for credentials. A refusal is an answer without them. */
export async function login(
  endpoint: string,
  token: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Answer & { readonly credentials: S3Credentials | undefined }> {
  const response = await fetch(endpoint, {
    method: "POST",
    body: new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      WebIdentityToken: token,
      ...parameters,
    }),
  });
  const text = await response.text();
  const field = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "";
  const credentials = {
    accessKey: field("AccessKeyId"),
    secretKey: field("SecretAccessKey"),
    sessionToken: field("SessionToken"),
    expiration: new Date(field("Expiration")),
  };
  return {
    status: response.status,
    text,
    headers: response.headers,
    credentials: credentials.accessKey === "" ? undefined : credentials,
  };
}

/** Sends requests in the name of one set of credentials. */
export class S3Client {
  readonly #endpoint: string;
  readonly #region: string;
  readonly #credentials: S3Credentials;

  constructor(endpoint: string, region: string, credentials: S3Credentials) {
    this.#endpoint = endpoint;
    this.#region = region;
    this.#credentials = credentials;
  }

  /** @param path Path and query, like `/bucket/key?versionId=1`. */
  async send(method: string, path: string, body = ""): Promise<Answer> {
    const url = new URL(path, this.#endpoint);
    const response = await fetch(url, {
      method,
      headers: this.#signedHeaders(method, url, body),
      ...(body === "" ? {} : { body }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  /** Signature version 4. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
  #signedHeaders(method: string, url: URL, body: string): Record<string, string> {
    const { accessKey, secretKey, sessionToken } = this.#credentials;
    const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
    const headers: Record<string, string> = {
      "x-amz-content-sha256": sha256(body),
      "x-amz-date": time,
      "x-amz-security-token": sessionToken,
    };
    const signed = Object.entries({ ...headers, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
    const names = signed.map(([name]) => name).join(";");
    const query = [...url.searchParams]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join("&");
    const lines = signed.map(([name, value]) => `${name}:${value}\n`).join("");
    const request = [method, url.pathname, query, lines, names, sha256(body)].join("\n");
    const scope = [time.slice(0, 8), this.#region, "s3", "aws4_request"];
    const key = scope.reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${secretKey}`));
    const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(request)].join("\n");
    const signature = hmac(key, text).toString("hex");
    return {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope.join("/")}, SignedHeaders=${names}, Signature=${signature}`,
    };
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
