/** Requests that trust the given authorities and no others. */
import { request as plainRequest } from "node:http";
import { type RequestOptions, request as tlsRequest } from "node:https";

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The same, for what is no text. */
  readonly bytes: Buffer;
}

/** A request that got no answer, with a reason in plain words. */
export class NoAnswer extends Error {
  /** Whether the server's certificate was the reason. */
  readonly untrusted: boolean;

  constructor(url: string, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? "";
    const certificate = certificateFaults[code];
    super(`${url} ${certificate ?? networkFaults[code] ?? `cannot be reached (${cause.message})`}`, { cause });
    this.untrusted = certificate !== undefined;
  }
}

const certificateFaults: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: "has a certificate of an authority that is not trusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a self-signed certificate that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "has a certificate of an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "has a certificate of an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "has a certificate of an authority that is not trusted",
  CERT_HAS_EXPIRED: "has a certificate that has expired",
  CERT_NOT_YET_VALID: "has a certificate that is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "has a certificate for other hosts",
};

const networkFaults: Readonly<Record<string, string>> = {
  ENOTFOUND: "has a host name that does not resolve",
  EAI_AGAIN: "has a host name that could not be resolved",
  ECONNREFUSED: "refuses connections",
  ECONNRESET: "ended the connection",
  ETIMEDOUT: "does not answer",
};

export interface Send {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM certificates. */
  readonly ca: readonly string[];
}

/** As long as Java's clients wait at most. */
const patienceMs = 30_000;

/** @throws NoAnswer when there is none; every status is an answer. Redirects are not followed. */
export function send(url: string, { method = "GET", headers = {}, body, ca }: Send): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { method, headers, timeout: patienceMs };
    const secure = url.startsWith("https:");
    // Its own agent: one that is shared would take up a connection that other authorities have vouched for.
    const request = secure ? tlsRequest(url, { ...options, ca: [...ca], agent: false }) : plainRequest(url, options);
    request.once("timeout", () => request.destroy(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })));
    request.once("error", (error) => {
      reject(new NoAnswer(url, error));
    });
    request.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("end", () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: response.statusCode ?? 0, body: bytes.toString("utf8"), bytes });
      });
      response.once("error", (error) => {
        reject(new NoAnswer(url, error));
      });
    });
    request.end(body);
  });
}
