/** Keycloak: its realm, its clients, what tokens say. */
import { hosts, sent } from "../../support/doctor-servers.ts";
import { asAlice, type Break, type Breaks, nobodyListens, otherRoute } from "./break.ts";

/** Deletes a mapper from a client of the realm. */
function withoutMapper(clientId: string, mapper: string): Break {
  return async (bench) => {
    const [client] = await bench.admin.get<{ id: string; protocolMappers: { id: string; name: string }[] }[]>(
      `datalab/clients?clientId=${clientId}`,
    );
    const models = `datalab/clients/${client!.id}/protocol-mappers/models`;
    const found = client!.protocolMappers.find(({ name }) => name === mapper)!;
    await sent(bench.admin, "DELETE", `${models}/${found.id}`);
    return { mend: () => sent(bench.admin, "POST", models, found) };
  };
}

/** Changes a client of the realm. */
function changedClient(clientId: string, change: object): Break {
  return async (bench) => {
    const [client] = await bench.admin.get<{ id: string }[]>(`datalab/clients?clientId=${clientId}`);
    const path = `datalab/clients/${client!.id}`;
    await sent(bench.admin, "PUT", path, { ...client, ...change });
    return { mend: () => sent(bench.admin, "PUT", path, client) };
  };
}

export const identity: Breaks = {
  "a realm with another issuer": {
    step: "discovery",
    hop: "Keycloak",
    says: /calls itself https:\/\/login\.demo\.test\/realms\/datalab/,
    cause: /another address/,
    breaks: async (bench) => {
      const realm = await bench.admin.get<{ attributes: object }>("datalab");
      const attributes = { ...realm.attributes, frontendUrl: "https://login.demo.test" };
      await sent(bench.admin, "PUT", "datalab", { ...realm, attributes });
      return {
        mend: () =>
          sent(bench.admin, "PUT", "datalab", { ...realm, attributes: { ...realm.attributes, frontendUrl: "" } }),
      };
    },
  },
  "Keycloak down": {
    step: "discovery",
    hop: "ingress controller → Keycloak",
    says: /answers 502/,
    cause: /no pod of the Keycloak is ready/,
    breaks: otherRoute(hosts.identity, () => Promise.resolve(nobodyListens)),
  },
  "an Ingress that is missing": {
    step: "discovery",
    hop: "ingress controller",
    says: /knows no such host/,
    cause: /Ingress is missing/,
    breaks: (bench) => {
      const { routes } = bench.front.behaviour;
      const before = routes.get(hosts.identity)!;
      routes.set(hosts.identity, (_call, answer) => {
        answer.writeHead(404).end("404 page not found\n");
      });
      return Promise.resolve({
        mend: () => {
          routes.set(hosts.identity, before);
        },
      });
    },
  },
  "a realm that lets people guess": {
    step: "realm-settings",
    hop: "Keycloak",
    says: /^bruteForceProtected of realm master is false, not true; registrationAllowed of realm datalab is true, not false$/,
    cause: /Keycloak's administration/,
    breaks: async (bench) => {
      const set = async (guessing: boolean) => {
        await sent(bench.admin, "PUT", "master", { bruteForceProtected: !guessing });
        await sent(bench.admin, "PUT", "datalab", { registrationAllowed: guessing });
      };
      await set(true);
      return { mend: () => set(false) };
    },
  },
  "a wrong password": {
    step: "login",
    hop: "Keycloak",
    says: /refuses the login of alice: Invalid username or password/,
    cause: /password is wrong/,
    breaks: () => Promise.resolve({ mend: () => undefined, options: { args: asAlice, input: "wrong\n" } }),
  },
  "a first password": {
    step: "login",
    hop: "Keycloak",
    says: /asks newcomer for something else first: Update password/i,
    cause: /first password must be changed/,
    breaks: () => Promise.resolve({ mend: () => undefined, options: { args: ["--user", "newcomer"] } }),
  },
  "a client that is switched off": {
    step: "login",
    hop: "Keycloak",
    says: /no login form to the client onyxia/,
    cause: /switched off/,
    breaks: changedClient("onyxia", { enabled: false }),
  },
  "a client with other redirect URIs": {
    step: "login",
    hop: "Keycloak",
    says: /redirect_uri/,
    cause: /does not list/,
    breaks: changedClient("onyxia", { redirectUris: ["https://elsewhere.test/*"], rootUrl: "https://elsewhere.test/" }),
  },
  "a client whose pages may not read the token (CORS)": {
    step: "login",
    hop: "browser → Keycloak",
    says: /does not let pages of https:\/\/datalab\.demo\.test/,
    cause: /web origins/,
    breaks: changedClient("onyxia", { webOrigins: [] }),
  },
  "the portal's audience mapper gone": {
    step: "token",
    hop: "Keycloak",
    says: /token of onyxia is meant for .*, not for onyxia/,
    cause: /audience mapper is missing/,
    breaks: withoutMapper("onyxia", "audience"),
  },
  "the store's client switched off": {
    step: "storage-login",
    hop: "Keycloak",
    says: /no login form to the client onyxia-minio/,
    cause: /switched off/,
    breaks: changedClient("onyxia-minio", { enabled: false }),
  },
  "the store's audience mapper gone": {
    step: "storage-token",
    hop: "Keycloak",
    says: /token of onyxia-minio is meant for .*, not for onyxia-minio/,
    cause: /audience mapper is missing/,
    breaks: withoutMapper("onyxia-minio", "audience"),
  },
  "the policy claim gone": {
    step: "storage-token",
    hop: "Keycloak",
    says: /has nothing in policy, not own-bucket/,
    cause: /policy mapper is missing/,
    breaks: withoutMapper("onyxia-minio", "policy"),
  },
  "groups without their scope": {
    step: "token",
    hop: "Keycloak",
    says: /token of onyxia lacks the scope groups/,
    cause: /does not have it/,
    breaks: async (bench) => {
      const [client] = await bench.admin.get<{ id: string }[]>("datalab/clients?clientId=onyxia");
      const scopes = await bench.admin.get<{ id: string; name: string }[]>("datalab/client-scopes");
      const path = `datalab/clients/${client!.id}/default-client-scopes/${scopes.find(({ name }) => name === "groups")!.id}`;
      await sent(bench.admin, "DELETE", path);
      return { mend: () => sent(bench.admin, "PUT", path) };
    },
  },
  "groups with their path": {
    step: "token",
    hop: "Keycloak",
    says: /names \/team in groups/,
    cause: /what has a path is no name/,
    breaks: async (bench) => {
      type Scope = { id: string; name: string; protocolMappers?: { id: string; config: object }[] };
      const scopes = await bench.admin.get<Scope[]>("datalab/client-scopes");
      const scope = scopes.find(({ name }) => name === "groups")!;
      const mapper = scope.protocolMappers![0]!;
      const path = `datalab/client-scopes/${scope.id}/protocol-mappers/models/${mapper.id}`;
      await sent(bench.admin, "PUT", path, { ...mapper, config: { ...mapper.config, "full.path": "true" } });
      return { mend: () => sent(bench.admin, "PUT", path, mapper) };
    },
  },
};
