import { readFileSync } from "node:fs";
import { Agent, request, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Where an API server is, and the client certificate it takes. Paths, so that nothing secret is passed around. */
export interface ApiAccess {
  readonly server: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The few calls that the test bed makes to a Kubernetes API server. */
export class ApiClient {
  readonly #agent: Agent;
  readonly #server: string;

  constructor(access: ApiAccess) {
    this.#server = access.server;
    this.#agent = new Agent({
      keepAlive: true,
      ca: readFileSync(access.caFile),
      cert: readFileSync(access.certificateFile),
      key: readFileSync(access.keyFile),
    });
  }

  async get(path: string): Promise<unknown> {
    return this.#json("GET", path);
  }

  /** Whether a user may make this request, and it succeeds. */
  async allows(user: string, path: string): Promise<boolean> {
    try {
      (await this.#send("GET", path, { headers: { "impersonate-user": user } })).resume();
      return true;
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
  }

  async create(path: string, body: unknown): Promise<unknown> {
    return this.#json("POST", path, body);
  }

  async patch(path: string, body: unknown): Promise<unknown> {
    return this.#json("PATCH", path, body, "application/merge-patch+json");
  }

  async delete(path: string): Promise<unknown> {
    return this.#json("DELETE", path);
  }

  /** Calls `onItems` with all objects of a collection, at once and after each change, until the signal is given. */
  async follow(path: string, onItems: (items: readonly unknown[]) => void, signal: AbortSignal): Promise<void> {
    const over = (): boolean => signal.aborted;
    while (!over()) {
      try {
        const list = (await this.get(path)) as { metadata: { resourceVersion: string }; items: Identified[] };
        const items = new Map(list.items.map((item) => [item.metadata.uid, item]));
        onItems([...items.values()]);
        const version = list.metadata.resourceVersion;
        const events = await this.#send("GET", `${path}?watch=1&resourceVersion=${version}`, { signal });
        for await (const line of linesOf(events)) {
          const event = JSON.parse(line) as { type: string; object: Identified };
          if (event.type === "ERROR") break;
          if (event.type === "DELETED") items.delete(event.object.metadata.uid);
          else if (event.type !== "BOOKMARK") items.set(event.object.metadata.uid, event.object);
          onItems([...items.values()]);
        }
      } catch (error) {
        if (over()) return;
        console.error(`watch of ${path}: ${String(error)}`);
        await sleep(500);
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<unknown> {
    const response = await this.#send(method, path, { headers: { "content-type": contentType } }, JSON.stringify(body));
    const text = await readAll(response);
    return response.headers["content-type"]?.includes("json") === true ? (JSON.parse(text) as unknown) : text;
  }

  #send(method: string, path: string, options: RequestOptions, body?: string): Promise<IncomingMessage> {
    return new Promise((done, fail) => {
      const call = request(new URL(path, this.#server), { ...options, method, agent: this.#agent }, (response) => {
        const status = response.statusCode ?? 0;
        if (status < 300) {
          done(response);
          return;
        }
        readAll(response).then((text) => {
          fail(new ApiError(status, `${method} ${path}: ${status} ${messageOf(text)}`));
        }, fail);
      });
      call.once("error", fail);
      // A call that answers nothing for so long is lost; watches, which carry a signal, do not time out.
      if (options.signal === undefined) {
        call.setTimeout(30_000, () => call.destroy(new Error(`${method} ${path}: no answer`)));
      }
      call.end(body);
    });
  }
}

interface Identified {
  readonly metadata: { readonly uid: string };
}

async function readAll(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const part of response) text += part as string;
  return text;
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const part of response) {
    const lines = (rest + (part as string)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
