/** Requests to a forge's own API. */
import { ForgeError } from "./forge.ts";

export interface Rest {
  get(path: string): Promise<unknown>;
  send(method: "POST" | "PATCH" | "PUT", path: string, body: object): Promise<void>;
}

/** Entries of one page: the most that both forges give. */
const pageSize = 100;
/** Nobody has more comments; a server that repeats itself must not hold the pipeline. */
const mostPages = 50;

/** @param headers those that prove who asks */
export function restAt(base: string, headers: Readonly<Record<string, string>>): Rest {
  const request = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { accept: "application/json", "content-type": "application/json", ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: unknown) => {
      throw new ForgeError(`${method} ${path}: ${error instanceof Error ? error.message : String(error)}`);
    });
    // The answer may repeat what was sent; its words are left out.
    if (!response.ok) throw new ForgeError(`${method} ${path}: ${response.status} ${response.statusText}`);
    return response;
  };
  return {
    get: async (path) => (await request("GET", path)).json(),
    send: async (method, path, body) => {
      await request(method, path, body);
    },
  };
}

/** All entries of a list. @param path may have a query of its own */
export async function allOf(rest: Rest, path: string): Promise<unknown[]> {
  const entries: unknown[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const query = `per_page=${pageSize}&page=${page}`;
    const more = (await rest.get(`${path}${path.includes("?") ? "&" : "?"}${query}`)) as unknown[];
    entries.push(...more);
    if (more.length < pageSize) break;
  }
  return entries;
}
