/** A server that answers what the programs of a notebook ask: a bucket list, a package index, a repository of git. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

import type { CertificateAndKey } from "../certificate-maker.ts";

export interface AnyServer {
  readonly port: number;
  /** Paths that were asked for since the last call. */
  asked(): readonly string[];
  close(): Promise<void>;
}

const wheel = "lab_demo-1.0-py3-none-any.whl";

const answers: Readonly<Record<string, string>> = {
  "/repository.git/info/refs": `${"0123456789".repeat(4)}\trefs/heads/main\n`,
  "/repository.git/HEAD": "ref: refs/heads/main\n",
  "/simple/lab-demo/": `<!DOCTYPE html><a href="${wheel}" data-dist-info-metadata="true">${wheel}</a>`,
  [`/simple/lab-demo/${wheel}.metadata`]: "Metadata-Version: 2.1\nName: lab-demo\nVersion: 1.0\n",
  "/": `<?xml version="1.0" encoding="UTF-8"?>
<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>o</ID></Owner><Buckets>
<Bucket><Name>alice</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>
`,
};

/** Listens on loopback. */
export async function startServer({ certificate, key }: CertificateAndKey): Promise<AnyServer> {
  let asked: string[] = [];
  const server = createServer({ cert: certificate, key }, (call, answer) => {
    const { pathname } = new URL(call.url ?? "/", "https://any");
    asked.push(pathname);
    const text = answers[pathname];
    const type = pathname.endsWith("/") && pathname !== "/" ? "text/html" : "text/plain";
    answer.writeHead(text === undefined ? 404 : 200, { "content-type": type, connection: "close" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => {
      const paths = asked;
      asked = [];
      return paths;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
