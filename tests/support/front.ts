/** What stands where the ingress controller would: HTTPS by host name before servers on loopback. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  request,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";

import type { CertificateAndKey } from "./certificate-maker.ts";

/** Where requests to a host go: the address of a server, or a function. */
export type Route = string | RequestListener;

/** How the front behaves. Tests change it in place. */
export interface FrontBehaviour {
  readonly routes: Map<string, Route>;
  /** Certificates by name or wildcard. */
  readonly certificates: Map<string, CertificateAndKey>;
  /** Seconds by which its clock is ahead. */
  clockAhead: number;
  /** Whether plain HTTP is redirected, or served like HTTPS. */
  redirects: boolean;
}

export class Front {
  readonly behaviour: FrontBehaviour = { routes: new Map(), certificates: new Map(), clockAhead: 0, redirects: true };
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly #servers: readonly [HttpsServer, Server];

  private constructor(https: HttpsServer, http: Server) {
    this.#servers = [https, http];
    this.httpsPort = (https.address() as AddressInfo).port;
    this.httpPort = (http.address() as AddressInfo).port;
  }

  static async start(): Promise<Front> {
    const https = createHttpsServer({
      SNICallback: (host, done) => {
        const found = front.#certificateOf(host);
        if (found === undefined) done(new Error(`no certificate for ${host}`));
        else done(null, createSecureContext({ cert: found.certificate, key: found.key }));
      },
    });
    const http = createHttpServer();
    for (const server of [https, http]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    const front = new Front(https, http);
    https.on("request", (call: IncomingMessage, answer: ServerResponse) => {
      front.#answer(call, answer);
    });
    http.on("request", (call, answer) => {
      const host = hostOf(call);
      if (!front.behaviour.redirects || !front.behaviour.routes.has(host)) front.#answer(call, answer);
      else answer.writeHead(308, { location: `https://${host}${call.url ?? "/"}` }).end();
    });
    return front;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #certificateOf(host: string): CertificateAndKey | undefined {
    const { certificates } = this.behaviour;
    return certificates.get(host) ?? certificates.get(host.replace(/^[^.]+/, "*"));
  }

  #answer(call: IncomingMessage, answer: ServerResponse): void {
    const route = this.behaviour.routes.get(hostOf(call));
    answer.setHeader("date", new Date(Date.now() + this.behaviour.clockAhead * 1000).toUTCString());
    if (route === undefined) answer.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
    else if (typeof route === "string") forward(route, call, answer);
    else route(call, answer);
  }
}

/**
 * Hands a call on to a server.
 * @param body What the call holds, if it was read already.
 */
export function forward(target: string, call: IncomingMessage, answer: ServerResponse, body?: string): void {
  const headers = {
    ...call.headers,
    "x-forwarded-proto": "https",
    "x-forwarded-host": call.headers.host,
    "x-forwarded-port": "443",
  };
  const onward = request(new URL(call.url ?? "/", target), { method: call.method, headers }, (response) => {
    const date = String(answer.getHeader("date"));
    answer.writeHead(response.statusCode ?? 502, { ...response.headers, date });
    response.pipe(answer);
  });
  onward.once("error", () => {
    answer.writeHead(502).end("Bad Gateway");
  });
  if (body === undefined) call.pipe(onward);
  else onward.end(body);
}

function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? "").replace(/:\d+$/, "");
}
