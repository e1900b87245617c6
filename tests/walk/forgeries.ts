/** Tokens that the store must not take. */
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "@jest/globals";

import { audienceMapper, policyMapper } from "../../components/identity/claims.ts";
import { claimsOf } from "../support/keycloak.ts";
import { tokensFor } from "./flow.ts";
import { expectAnswer } from "./requests.ts";
import { minutes, type Walk } from "./walk.ts";

const refused = { status: 400, code: "InvalidParameterValue" };

interface Identified {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export function forgeries(walk: () => Walk): void {
  const storeToken = async () => (await walk().person("alice")).token("onyxia-minio");
  const portalUrl = () => `https://${walk().platform.hosts.portal}/`;

  describe("refused by the store", () => {
    it("a token that was changed, or signed by somebody else", async () => {
      const { store, access } = walk();
      const token = await storeToken();
      const [header = "", payload = "", signature = ""] = token.split(".");
      const as = (username: string) => encoded({ ...claimsOf(token), preferred_username: username });
      const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
      // Under the client's name MinIO would keep a shared secret.
      const hmac = `${encoded({ alg: "HS256", typ: "JWT", kid: access.objectStore.clientId })}.${as("bob")}`;
      const forged = {
        "another name": [header, as("bob"), signature].join("."),
        "no signature": `${encoded({ alg: "none", typ: "JWT", kid })}.${payload}.`,
        "an empty secret": `${hmac}.${createHmac("sha256", "").update(hmac).digest("base64url")}`,
      };
      expectAnswer("object store, the token itself", await store.exchange(token), { status: 200 });
      for (const [what, made] of Object.entries(forged)) {
        expectAnswer(`object store, token with ${what}`, await store.exchange(made), refused);
      }
    });

    it("the portal's token, a refresh token, and that of a client which claims the policy", async () => {
      const { store, access } = walk();
      const alice = await walk().person("alice");
      expectAnswer("object store, portal's token", await store.exchange(alice.token("onyxia")), refused);
      const refresh = alice.tokens.get("onyxia-minio")?.refresh_token ?? "";
      expectAnswer("object store, refresh token", await store.exchange(refresh), refused);
      const clientId = "impostor";
      await walk().asAdministrator(async (admin) => {
        await admin.send("POST", `${access.realm}/clients`, {
          clientId,
          publicClient: true,
          redirectUris: [portalUrl()],
          protocolMappers: [policyMapper(access)],
        });
      });
      try {
        const { access_token } = await tokensFor(walk(), alice, { clientId, redirectUri: portalUrl() });
        expect(claimsOf(access_token)).toMatchObject({ policy: "own-bucket" });
        expectAnswer("object store, token of another client", await store.exchange(access_token), refused);
      } finally {
        await walk().asAdministrator(async (admin) => {
          const [client] = await admin.get<Identified[]>(`${access.realm}/clients?clientId=${clientId}`);
          await admin.send("DELETE", `${access.realm}/clients/${client?.id ?? ""}`);
        });
      }
    });

    it(
      "a token of the same client, user and claims in another realm",
      async () => {
        const { store, access } = walk();
        const token = await walk().asAdministrator(async (admin, url) => {
          const mappers = [audienceMapper(access.objectStore.audience), policyMapper(access)];
          const made = await admin.send("POST", "", foreignRealm(mappers));
          expect(made.status).toBe(201);
          try {
            const { clientId } = access.objectStore;
            const response = await fetch(`${url}/realms/elsewhere/protocol/openid-connect/token`, {
              method: "POST",
              body: new URLSearchParams({
                grant_type: "password",
                scope: "openid",
                client_id: clientId,
                username: "alice",
                password: "elsewhere",
              }),
            });
            return ((await response.json()) as { access_token: string }).access_token;
          } finally {
            await admin.send("DELETE", "elsewhere");
          }
        });
        expect(claimsOf(token)).toMatchObject({
          iss: access.issuerUrl.replace(access.realm, "elsewhere"),
          aud: "onyxia-minio",
          azp: "onyxia-minio",
          policy: "own-bucket",
        });
        expectAnswer("object store, token of another realm", await store.exchange(token), refused);
        const answer = await walk().web.request(`${portalUrl()}api/user/info`, {
          headers: { authorization: `Bearer ${token}`, "onyxia-region": "datalab" },
        });
        expectAnswer("portal's API, token of another realm", answer, { status: 401 });
      },
      2 * minutes,
    );

    it(
      "a token that was good, once its time is over",
      async () => {
        const { store, access } = walk();
        const alice = await walk().person("alice");
        const life = 20;
        const kept = await changeLife(walk(), String(life));
        try {
          expect(await alice.portal.renewTokens()).toBe(true);
          const token = alice.token(access.objectStore.clientId);
          const { exp, iat } = claimsOf(token) as { exp: number; iat: number };
          expect(exp - iat).toBe(life);
          expectAnswer("object store, token in its time", await store.exchange(token), { status: 200 });
          await sleep(exp * 1000 + 1000 - Date.now());
          const late = await store.exchange(token);
          expectAnswer("object store, token after its time", late, refused);
          expect(late.text).toContain("expired");
        } finally {
          await changeLife(walk(), kept);
          expect(await alice.portal.renewTokens()).toBe(true);
        }
      },
      2 * minutes,
    );
  });
}

/** @returns the life before, in seconds */
function changeLife(walk: Walk, seconds: string): Promise<string> {
  const { access } = walk;
  return walk.asAdministrator(async (admin) => {
    const path = `${access.realm}/clients`;
    const [client] = await admin.get<Identified[]>(`${path}?clientId=${access.objectStore.clientId}`);
    if (client === undefined) throw new Error(`the realm has no client ${access.objectStore.clientId}`);
    const attributes = { ...client.attributes, "access.token.lifespan": seconds };
    const answer = await admin.send("PUT", `${path}/${client.id}`, { ...client, attributes });
    if (!answer.ok) throw new Error(`Keycloak, life of tokens: ${answer.status} ${await answer.text()}`);
    return client.attributes["access.token.lifespan"] ?? "";
  });
}

function foreignRealm(protocolMappers: readonly object[]): object {
  return {
    realm: "elsewhere",
    enabled: true,
    clients: [{ clientId: "onyxia-minio", publicClient: true, directAccessGrantsEnabled: true, protocolMappers }],
    users: [
      {
        username: "alice",
        email: "alice@elsewhere.test",
        firstName: "Alice",
        lastName: "Elsewhere",
        enabled: true,
        credentials: [{ type: "password", value: "elsewhere", temporary: false }],
      },
    ],
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
