/** Bytes on a TLS connection, for requests that no client would send. */
import { once } from "node:events";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";

import type { Walk } from "./walk.ts";

/** Connects to the ingress controller under a name. @throws if the certificate is not trusted or not for that name */
export async function connectTo(walk: Walk, host: string): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port: walk.client.httpsPort,
    servername: host,
    ca: walk.platform.authority,
    ALPNProtocols: ["http/1.1"],
  });
  await once(socket, "secureConnect");
  return socket;
}

/** The certificate that the ingress controller shows for a name, trusted or not. */
export async function certificateFor(walk: Walk, host: string): Promise<PeerCertificate> {
  const { httpsPort: port } = walk.client;
  const socket = connect({ host: "127.0.0.1", port, servername: host, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

/** Fails when a connection breaks or ends, and says so. Nothing happens if nobody waits for it. */
export function endOf(socket: TLSSocket, what: string): Promise<never> {
  const began = Date.now();
  const end = new Promise<never>((_, reject) => {
    const tell = (how: string) => {
      reject(new Error(`${what}: ${how} after ${Math.round((Date.now() - began) / 1000)} s`));
    };
    socket.once("error", ({ message }: Error) => {
      tell(message);
    });
    socket.once("end", () => {
      tell("the other side closed the connection");
    });
  });
  end.catch(() => undefined);
  return end;
}

/** Sends bytes and collects what comes until the other side closes the connection, as asked. */
export async function exchange(walk: Walk, host: string, request: string): Promise<string> {
  const socket = await connectTo(walk, host);
  socket.setTimeout(30_000, () => socket.destroy(new Error(`${host} neither answered nor closed within 30 s`)));
  socket.write(request);
  let answer = "";
  for await (const part of socket) answer += String(part);
  return answer;
}

/** Statuses of all answers in what came. */
export function statusesOf(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
