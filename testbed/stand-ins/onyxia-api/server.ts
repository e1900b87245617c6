import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { Call, Reply } from "./answers.ts";
import { type Application, reply } from "./routes.ts";

/** Serves the API below its context path. */
export function apiServer(application: Application, log: (line: string) => void): Server {
  const { contextPath, allowedOrigin } = application.properties;
  return createServer((request, response) => {
    response.setHeader("cache-control", "no-cache, no-store, max-age=0, must-revalidate");
    if (allowedOrigin !== "") response.setHeader("access-control-allow-origin", allowedOrigin);
    answer(request, response).catch((error: unknown) => {
      log(`${request.method ?? ""} ${request.url ?? ""}: ${String(error)}`);
      // Spring tells the caller no reason either.
      finish(response, { status: 500, json: { status: 500, error: "Internal Server Error", path: request.url } });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
    if (!pathname.startsWith(`${contextPath}/`)) {
      response.writeHead(404).end();
      return;
    }
    const result = await reply(application, await callOf(request, pathname.slice(contextPath.length), searchParams));
    if (result.events === undefined) finish(response, result);
    else await stream(response, result.events);
  }
}

async function callOf(request: IncomingMessage, path: string, query: URLSearchParams): Promise<Call> {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += String(part);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value]),
  );
  return { method: request.method ?? "GET", path, query, headers, body, address: request.socket.remoteAddress ?? "" };
}

function finish(response: ServerResponse, { status, headers, json, text }: Reply): void {
  if (json === undefined) response.writeHead(status, headers).end(text);
  else response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));
}

/** Events as they happen, until the watch ends or nobody listens any more. */
async function stream(response: ServerResponse, events: Readable): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream;charset=UTF-8" });
  response.flushHeaders();
  await pipeline(events, messagesOf, response).catch(() => undefined);
}

async function* messagesOf(events: Readable): AsyncGenerator<string> {
  let rest = "";
  for await (const part of events.setEncoding("utf8")) {
    const lines = (rest + String(part)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { object } = JSON.parse(line) as { object: unknown };
      yield `data:${JSON.stringify(object)}\n\n`;
    }
  }
}
