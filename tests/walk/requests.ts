/** Requests of the walk beside the browser's, each with a name for the hop that it proves. */
import type { ObjectStore } from "../../components/contracts.ts";
import { type S3Credentials, type S3Request, sendSigned, xmlField } from "../../commands/doctor/s3.ts";
import type { WebAnswer, WebClient } from "../../commands/doctor/web-client.ts";
import type { Hosts } from "../../components/names.ts";

/** What an answer has to be. */
export interface Expected {
  readonly status: number;
  /** Code of an S3 error. */
  readonly code?: string;
}

/** Fails with the hop's name, what was expected and what came. */
export function expectAnswer(hop: string, answer: WebAnswer, { status, code }: Expected): void {
  const came = xmlField(answer.text, "Code");
  if (answer.status === status && (code === undefined || came === code)) return;
  const wanted = code === undefined ? String(status) : `${status} ${code}`;
  throw new Error(`${hop}: expected ${wanted}, got ${answer.status} ${came}\n${answer.text.slice(0, 1000)}`);
}

/** The store's public side, as people reach it. */
export class Store {
  readonly #web: WebClient;
  readonly #store: ObjectStore;

  constructor(web: WebClient, { objectStore }: Hosts) {
    const url = `https://${objectStore}`;
    this.#web = web;
    this.#store = {
      endpoint: url,
      region: "us-east-1",
      pathStyleAccess: true,
      sts: { url, durationSeconds: 900, roleArn: "", roleSessionName: "" },
    };
  }

  /** Exchanges a token for credentials. */
  exchange(token: string, parameters: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return this.#web.request(this.#store.sts.url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        Action: "AssumeRoleWithWebIdentity",
        Version: "2011-06-15",
        WebIdentityToken: token,
        DurationSeconds: "900",
        ...parameters,
      }).toString(),
    });
  }

  /** Credentials for a token that must be accepted. */
  async credentials(token: string, parameters: Readonly<Record<string, string>> = {}): Promise<S3Credentials> {
    const answer = await this.exchange(token, parameters);
    expectAnswer("object store, AssumeRoleWithWebIdentity", answer, { status: 200 });
    return {
      accessKey: xmlField(answer.text, "AccessKeyId"),
      secretKey: xmlField(answer.text, "SecretAccessKey"),
      sessionToken: xmlField(answer.text, "SessionToken"),
    };
  }

  send(credentials: S3Credentials, request: Omit<S3Request, "at">): Promise<WebAnswer> {
    return sendSigned(this.#web, this.#store, credentials, { ...request, at: new Date() });
  }
}
