/** A mail server over TLS that takes mails of one login and keeps them. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { createServer, type TLSSocket } from "node:tls";

import type { CertificateAndKey } from "./certificate-maker.ts";

export interface MailRecorder {
  readonly port: number;
  /** Mails as they came, with soft line breaks taken out. */
  readonly mails: readonly string[];
  /** Logins that were refused. */
  readonly refused: () => number;
  readonly stop: () => Promise<void>;
}

export async function startMailRecorder(
  { certificate, key }: CertificateAndKey,
  login: { readonly user: string; readonly password: string },
): Promise<MailRecorder> {
  const mails: string[] = [];
  let refused = 0;
  const sockets = new Set<TLSSocket>();
  const server = createServer({ cert: certificate, key }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    void converse(socket);
  });

  async function converse(socket: TLSSocket): Promise<void> {
    const say = (line: string) => socket.write(`${line}\r\n`);
    const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
    const heard = async () => ((await lines.next()) as { value?: string }).value;
    let isIn = false;
    say("220 localhost");
    for (let line = await heard(); line !== undefined; line = await heard()) {
      const [verb = "", method = "", response] = line.split(" ");
      switch (verb.toUpperCase()) {
        case "EHLO":
          say("250-localhost\r\n250 AUTH PLAIN");
          break;
        case "AUTH": {
          if (response === undefined) say("334 ");
          const given = Buffer.from(response ?? (await heard()) ?? "", "base64").toString();
          isIn = method === "PLAIN" && given.endsWith(`\0${login.user}\0${login.password}`);
          if (!isIn) refused += 1;
          say(isIn ? "235 in" : "535 refused");
          break;
        }
        case "DATA": {
          if (!isIn) {
            say("530 log in first");
            break;
          }
          say("354 go on");
          const text: string[] = [];
          for (let part = await heard(); part !== undefined && part !== "."; part = await heard()) text.push(part);
          mails.push(text.join("\n").replaceAll("=\n", "").replaceAll("=3D", "="));
          say("250 kept");
          break;
        }
        case "QUIT":
          say("221 bye");
          socket.end();
          return;
        default:
          say("250 as you like");
      }
    }
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    refused: () => refused,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
