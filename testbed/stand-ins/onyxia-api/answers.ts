/** What an answer is made of, and what everybody needs who makes one. */
import type { Readable } from "node:stream";

import { isObject, type Json } from "./fields.ts";

export interface Call {
  readonly method: string;
  /** Below the context path. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly address: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Left out: no body. */
  readonly json?: unknown;
  readonly text?: string;
  /** Lines of a watch, for as long as the caller listens. */
  readonly events?: Readable;
}

/** An answer that is no success. Anything else that is thrown becomes a 500 without words; the log has the reason. */
export class Failure extends Error {
  readonly status: number;
  /** Further fields of the answer. */
  readonly fields: Json;

  constructor(status: number, message: string, fields: Json = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

export function failure({ status, message, fields }: Failure): Reply {
  return {
    status,
    headers: { "content-type": "application/problem+json" },
    json: { status, detail: message, ...fields },
  };
}

/** @throws Failure if the body is no JSON object */
export function bodyOf(call: Call): Json {
  try {
    const body: unknown = JSON.parse(call.body);
    if (isObject(body)) return body;
  } catch {
    // The same answer as for any other text.
  }
  throw new Failure(400, "Failed to read request");
}
