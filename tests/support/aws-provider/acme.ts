/**
 * Stands in for Let's Encrypt: an ACME server (RFC 8555) that believes every account that it owns every domain, and so
 * asks for no proof. What is proven with it is all but the challenge: the issuer, its account, the orders for the
 * wildcards, the certificates. It checks no signatures.
 *
 * Clients reach it by the real names, through a proxy that sends every connection here.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { answerRequest, issue, makeAuthority, validNow } from "../certificate-maker.ts";

export interface AcmeServer {
  /** For programs that shall take it for the real one. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names that certificates were ordered for, in the order of the orders. */
  readonly orders: readonly (readonly string[])[];
  /** E-mail addresses of the accounts. */
  readonly contacts: readonly string[];
  stop(): Promise<void>;
}

/** @param folder For the file with its authority. */
export async function startAcmeServer(host: string, folder: string): Promise<AcmeServer> {
  const root = await makeAuthority("test root");
  const { certificate, key } = await issue(root, { names: [host], ...validNow });
  const trusted = join(folder, "acme-root.pem");
  writeFileSync(trusted, root.certificate);
  const orders: string[][] = [];
  const issued = new Map<string, string>();
  const contacts: string[] = [];
  const base = `https://${host}`;

  const order = (index: number) => {
    const names = orders[index] ?? [];
    const chain = issued.get(String(index));
    return {
      status: chain === undefined ? "ready" : "valid",
      identifiers: names.map((value) => ({ type: "dns", value })),
      authorizations: names.map((value) => `${base}/authorization/${value}`),
      finalize: `${base}/finalize/${index}`,
      ...(chain !== undefined && { certificate: `${base}/certificate/${index}` }),
    };
  };
  const answer = async (path: string, payload: Payload): Promise<Answer> => {
    const [, what = "", which = ""] = path.split("/");
    switch (what) {
      case "directory":
        return { body: { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/order` } };
      case "nonce":
        return { status: 200, body: "" };
      case "account":
        contacts.push(...(payload.contact ?? []));
        if (which !== "") return { body: { status: "valid" } };
        return { status: 201, location: `${base}/account/1`, body: { status: "valid" } };
      case "order": {
        if (which !== "") return { body: order(Number(which)) };
        const index = orders.push((payload.identifiers ?? []).map(({ value }) => value)) - 1;
        return { status: 201, location: `${base}/order/${index}`, body: order(index) };
      }
      case "authorization": {
        const name = decodeURIComponent(which);
        const identifier = { type: "dns", value: name.replace("*.", "") };
        return { body: { status: "valid", identifier, wildcard: name.startsWith("*."), challenges: [] } };
      }
      case "finalize": {
        const names = orders[Number(which)] ?? [];
        const leaf = await answerRequest(Buffer.from(payload.csr ?? "", "base64url"), root, { names, ...validNow });
        issued.set(which, leaf + root.certificate);
        return { location: `${base}/order/${which}`, body: order(Number(which)) };
      }
      case "certificate":
        return { body: issued.get(which) ?? "" };
      default:
        return { status: 404, body: { type: "urn:ietf:params:acme:error:malformed", detail: path } };
    }
  };

  const server = createServer({ cert: certificate, key }, (request, response) => {
    void respond(request, response, answer);
  });
  const port = await listen(server);
  const sockets = new Set<Socket>();
  const proxy = createHttpServer().on("connect", (_, socket: Socket) => {
    const onward = connect({ host: "127.0.0.1", port });
    for (const end of [socket, onward]) end.on("error", () => end.destroy()).on("close", () => sockets.delete(end));
    sockets.add(socket).add(onward);
    onward.once("connect", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
  });
  const proxyPort = await listen(proxy);
  return {
    environment: { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`, SSL_CERT_FILE: trusted },
    orders,
    contacts,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([server, proxy].map((one) => new Promise((done) => one.close(done))));
    },
  };
}

interface Payload {
  readonly contact?: readonly string[];
  readonly identifiers?: readonly { readonly value: string }[];
  readonly csr?: string;
}

interface Answer {
  readonly status?: number;
  readonly location?: string;
  readonly body: object | string;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (path: string, payload: Payload) => Promise<Answer>,
): Promise<void> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part as string;
  const { payload = "" } = text === "" ? {} : (JSON.parse(text) as { payload?: string });
  const decoded = payload === "" ? "{}" : Buffer.from(payload, "base64url").toString();
  const { status = 200, location, body } = await answer(request.url ?? "", JSON.parse(decoded) as Payload);
  response.writeHead(status, {
    "replay-nonce": randomBytes(16).toString("base64url"),
    "content-type": typeof body === "string" ? "application/pem-certificate-chain" : "application/json",
    ...(location !== undefined && { location }),
  });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done, fail) => {
    server.once("error", fail).listen(0, "127.0.0.1", done);
  });
  return (server.address() as AddressInfo).port;
}
