/** Requests to the platform's public hosts, as a browser would send them, from this machine. */
import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { connect, type DetailedPeerCertificate, getCACertificates } from "node:tls";

import type { Hosts } from "../../components/names.ts";

export interface WebClientOptions {
  readonly hosts: Hosts;
  /** The platform's hosts, beside any of a user's service. @default all that a platform may have */
  readonly ownHosts?: readonly string[];
  /** Address for all of them. @default DNS */
  readonly address: string | undefined;
  /** Ports that visitors come to; that of HTTPS is in the addresses. @default 80 and 443 */
  readonly publicPorts?: { readonly http: number; readonly https: number };
  /** Port of the ingress controller that stands for the one in the addresses. @default that one */
  readonly httpsPort?: number | undefined;
  /** The same for plain HTTP. */
  readonly httpPort?: number | undefined;
  /** Trusted beside this machine's authorities, in PEM. */
  readonly authorities: readonly string[];
  /** In seconds. */
  readonly timeout: number;
}

export interface WebRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Take an answer from a server that has not proven who it is. Nothing confidential may be sent or believed. */
  readonly unverified?: true;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a server shows before anything is sent. */
export interface Handshake {
  readonly address: string;
  readonly certificate: DetailedPeerCertificate;
  /** Why the chain is not trusted, as OpenSSL names it; undefined if it is. */
  readonly chainError: string | undefined;
}

const usualPorts = { http: 80, https: 443 };

/** Authorities of this machine: Node's own list and the system's, which browsers use. */
const machineAuthorities = [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];

export class WebClient {
  readonly #options: WebClientOptions;

  constructor(options: WebClientOptions) {
    this.#options = options;
  }

  /** Whether `--address` stands for this host. */
  isOwn(host: string): boolean {
    const { hosts, ownHosts } = this.#options;
    const { portal, identity, objectStore, objectStoreConsole, services } = hosts;
    return (
      (ownHosts ?? [portal, identity, objectStore, objectStoreConsole]).includes(host) || host.endsWith(`.${services}`)
    );
  }

  request(address: string, { method = "GET", headers = {}, body, unverified }: WebRequest = {}): Promise<WebAnswer> {
    const url = new URL(address);
    const { timeout } = this.#options;
    const secure = url.protocol === "https:";
    const options: RequestOptions = {
      ...this.#target(url.hostname, url.port, secure),
      method,
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        ...headers,
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
      },
      agent: false,
      ...(secure ? { servername: url.hostname, ca: this.#trusted(), rejectUnauthorized: unverified !== true } : {}),
    };
    return new Promise((done, fail) => {
      const call = (secure ? httpsRequest : httpRequest)(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.once("error", fail).once("end", () => {
          done({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      const timer = setTimeout(() => call.destroy(timeoutError(url.host, timeout)), timeout * 1000);
      call.once("error", fail).once("close", () => {
        clearTimeout(timer);
      });
      call.end(body);
    });
  }

  /**
   * Greets a host and looks at its certificate, trusted or not.
   * @param port Empty for the usual one.
   */
  handshake(host: string, port = ""): Promise<Handshake> {
    const { timeout } = this.#options;
    return new Promise((done, fail) => {
      const socket = connect({
        ...this.#target(host, port, true),
        servername: host,
        ca: this.#trusted(),
        rejectUnauthorized: false,
        // The name is compared by the step itself.
        checkServerIdentity: () => undefined,
      });
      const timer = setTimeout(() => socket.destroy(timeoutError(host, timeout)), timeout * 1000);
      socket.once("close", () => {
        clearTimeout(timer);
      });
      socket.once("error", fail).once("secureConnect", () => {
        // Typed as an error, but it is a code.
        const error = socket.authorizationError as unknown as string | null;
        const certificate = socket.getPeerCertificate(true);
        done({ address: socket.remoteAddress ?? "", certificate, chainError: error ?? undefined });
        socket.destroy();
      });
    });
  }

  #target(host: string, port: string, secure: boolean): { host: string; port: number } {
    const {
      address,
      publicPorts = usualPorts,
      httpsPort = publicPorts.https,
      httpPort = publicPorts.http,
    } = this.#options;
    if (!this.isOwn(host)) return { host, port: Number(port || (secure ? 443 : 80)) };
    const usual = port === "" || (secure && port === String(publicPorts.https));
    // Other ports than the usual ones are not the ingress controller's.
    return { host: address ?? host, port: usual ? (secure ? httpsPort : httpPort) : Number(port) };
  }

  #trusted(): string[] {
    return [...machineAuthorities, ...this.#options.authorities];
  }
}

function timeoutError(host: string, seconds: number): Error {
  return Object.assign(new Error(`${host} did not answer within ${seconds} s`), { code: "ETIMEDOUT" });
}
