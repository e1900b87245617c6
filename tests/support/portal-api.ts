/** The answers of the portal's API that browsers begin with, from the configuration that its pods would get. */
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";

import { parse } from "yaml";

export interface PortalApiOptions {
  /** Data of its ConfigMap, by Spring property. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the realm's keys are. */
  readonly keysUrl: string;
  /** Text of a public address, as its pods would get it. */
  readonly read: (address: string) => Promise<string>;
}

/** Serves the pages and the API of one host. */
export function portalApi({ environment, keysUrl, read }: PortalApiOptions): RequestListener {
  const property = (name: string): string => environment[name] ?? "";
  const answers: Readonly<Record<string, (call: IncomingMessage) => Promise<unknown>>> = {
    "/api/public/configuration": () =>
      Promise.resolve({
        build: { version: "test" },
        regions: JSON.parse(property("regions")) as unknown,
        oidcConfiguration: { issuerURI: property("oidc.issuer-uri"), clientID: property("oidc.clientID") },
      }),
    "/api/public/catalogs": async () => {
      const catalogs = JSON.parse(property("catalogs")) as { id: string; location: string }[];
      const load = async ({ id, location }: { id: string; location: string }) => {
        const index = await read(`${location}/index.yaml`).catch(() => "entries: {}");
        const { entries } = parse(index) as { entries: Record<string, unknown> };
        return { id, location, catalog: { latestPackages: entries } };
      };
      return { catalogs: await Promise.all(catalogs.map(load)) };
    },
    "/api/user/info": async (call) => {
      const claims = await verified(call.headers.authorization?.replace("Bearer ", "") ?? "", keysUrl);
      if (claims["iss"] !== property("oidc.issuer-uri")) return undefined;
      if (![claims["aud"]].flat().includes(property("oidc.audience"))) return undefined;
      const username = String(claims[property("oidc.username-claim")]);
      return { idep: username, projects: [{ id: username, namespace: `user-${username}` }] };
    },
    "/api/my-lab/services": () => Promise.resolve({ apps: [], groups: [] }),
  };
  return (call, answer) => {
    const path = call.url ?? "/";
    const respond = answers[path];
    if (respond === undefined) {
      answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>portal</title>");
      return;
    }
    respond(call).then(
      (body) => {
        answer.writeHead(body === undefined ? 401 : 200, { "content-type": "application/json" });
        answer.end(JSON.stringify(body ?? {}));
      },
      (error: unknown) => {
        answer.writeHead(500).end(String(error));
      },
    );
  };
}

async function verified(token: string, keysUrl: string): Promise<Record<string, unknown>> {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  const { keys } = (await (await fetch(keysUrl)).json()) as { keys: (JsonWebKey & { kid: string })[] };
  const jwk = keys.find(({ kid }) => kid === decoded(header)["kid"]);
  if (jwk === undefined) throw new Error("unknown key");
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const isGood = verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
  if (!isGood) throw new Error("bad signature");
  return decoded(payload);
}
