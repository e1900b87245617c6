/** Downloads of charts, over HTTPS only and without credentials. */
import { PlatformError } from "../errors.ts";
import { byEnvironmentProxy, proxyAdvice } from "./environment-proxy.ts";

/** A file of a web server. */
export async function downloadFile(url: string): Promise<Buffer> {
  return contentOf(await get(url), url);
}

/**
 * A blob of an OCI registry: the archive of a chart is one, under its own digest, so that no tag is trusted.
 *
 * @param repository `oci://<registry>/<path>`
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
 */
export async function downloadBlob(repository: string, digest: string): Promise<Buffer> {
  const [registry = "", ...path] = repository.slice("oci://".length).split("/");
  const url = `https://${registry}/v2/${path.join("/")}/blobs/${digest}`;
  const answer = await get(url);
  if (answer.status !== 401) return contentOf(answer, url);
  const token = await anonymousToken(answer.headers.get("www-authenticate") ?? "", url);
  return contentOf(await get(url, { authorization: `Bearer ${token}` }), url);
}

/** Registries give a token for public repositories to whoever asks at the address in their challenge. */
async function anonymousToken(challenge: string, url: string): Promise<string> {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value ?? ""]));
  const realm = fields.get("realm") ?? "";
  if (!challenge.startsWith("Bearer ") || !realm.startsWith("https://")) throw failure(url, "it wants a login");
  const query = new URLSearchParams([
    ["service", fields.get("service") ?? ""],
    ["scope", fields.get("scope") ?? ""],
  ]);
  const answer = JSON.parse((await contentOf(await get(`${realm}?${query.toString()}`), url)).toString()) as {
    token?: string;
    access_token?: string;
  };
  return answer.token ?? answer.access_token ?? "";
}

async function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  try {
    return await byEnvironmentProxy(() => fetch(url, { headers, signal: AbortSignal.timeout(30_000) }));
  } catch (error) {
    throw failure(url, error instanceof Error && error.name === "TimeoutError" ? "no answer in 30 s" : "no connection");
  }
}

async function contentOf(answer: Response, url: string): Promise<Buffer> {
  if (!answer.ok) throw failure(url, `status ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

function failure(url: string, reason: string): PlatformError {
  const mirror =
    "Without internet, or with a registry that wants a login, download the archive elsewhere and set `mirror` to its directory.";
  const advice = proxyAdvice();
  return new PlatformError(
    `The chart could not be downloaded from ${url}: ${reason}.`,
    advice === undefined ? mirror : `${advice}\n${mirror}`,
  );
}
