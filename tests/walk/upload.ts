/** One large object, sent as a stream: it is in nobody's memory and in no temporary file on the way. */
import { once } from "node:events";
import { request } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { signedHeaders } from "../../testbed/stand-ins/onyxia-web/pages/signature.ts";
import type { S3Credentials } from "../../commands/doctor/s3.ts";
import type { Walk } from "./walk.ts";

const block = Buffer.alloc(1024 * 1024, "datalab ");

/** @returns the status of the answer */
export async function upload(
  walk: Walk,
  { accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken }: S3Credentials,
  path: string,
  mebibytes: number,
): Promise<number> {
  const url = new URL(path, `https://${walk.platform.hosts.objectStore}`);
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  const signed = { method: "PUT", url, payload: "UNSIGNED-PAYLOAD" };
  const call = request({
    host: "127.0.0.1",
    port: walk.client.httpsPort,
    servername: url.hostname,
    ca: walk.platform.authority,
    agent: false,
    method: signed.method,
    path: url.pathname,
    headers: {
      host: url.host,
      "content-length": mebibytes * block.length,
      ...(await signedHeaders(signed, credentials, "us-east-1", new Date())),
    },
  });
  const answered = once(call, "response") as Promise<[{ statusCode: number; resume(): void }]>;
  const blocks = function* () {
    for (let sent = 0; sent < mebibytes; sent++) yield block;
  };
  // Whoever refuses answers at once, and reads no further.
  let cut: unknown;
  await pipeline(Readable.from(blocks()), call).catch((error: unknown) => (cut = error));
  const [response] = await Promise.race([answered, ...(cut === undefined ? [] : [refusedLater(cut)])]);
  response.resume();
  return response.statusCode;
}

/** The answer may arrive just after the connection is cut. */
async function refusedLater(error: unknown): Promise<never> {
  await sleep(1000);
  throw error;
}
