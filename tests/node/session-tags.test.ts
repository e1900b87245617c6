/** The claim from which AWS takes session tags, in a token of a real Keycloak. */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { ensureKeycloak, keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { type KeycloakServer, startKeycloak } from "../../testbed/keycloak/server.ts";
import { accessModel, type AccessModel, type PublicClient } from "../../components/access/access-model.ts";
import { serverEnvironment } from "../../components/identity/keycloak-environment.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName } from "../../components/identity/realm-files.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { objectStoreSettings } from "../../components/object-store/settings.ts";
import { storageLayout } from "../../components/object-store/storage-layout.ts";
import { AdminApi, Browser, claimsOf, CodeFlow, type TokenSet } from "../support/keycloak.ts";

const publicUrl = "https://auth.example.test";
const redirectUri = "https://datalab.example.test/";
const domain = "example.test";

const claim = "https://aws.amazon.com/tags";
const tagsOfAda = { principal_tags: { username: ["adal"] }, transitive_tag_keys: ["username"] };
const adminSecret = "reconcile-s3cret";

function accessTo(kind: "minio" | "s3", realm: string): AccessModel {
  const storage = storageLayout(objectStoreSettings.parse({ kind }), { domain, accountId: "123456789012" });
  return accessModel({ domain, realm, storage });
}

const documentOf = (access: AccessModel) => realmDocument(access, identitySettings.parse({ registration: "open" }));

const access = accessTo("s3", "datalab");
// A realm from before the switch.
const former = accessTo("minio", "former");

const unavailable = keycloakUnavailable();
const describeWithKeycloak = unavailable === undefined ? describe : describe.skip;

describeWithKeycloak(
  `the session tags of a login${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`,
  () => {
    let server: KeycloakServer;
    let browser: Browser;
    let tokens: TokenSet;
    let stop = () => Promise.resolve();

    beforeAll(async () => {
      server = await startKeycloak({
        distribution: await ensureKeycloak(),
        imports: Object.fromEntries(
          [access, former].map(documentOf).map((document) => [importFileName(document), importFile(document)]),
        ),
        environment: {
          ...serverEnvironment({ url: publicUrl, replicas: 1 }),
          KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
          KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: adminSecret,
        },
      });
      stop = server.stop;
      browser = new Browser(server.url, publicUrl);
      tokens = await register(access);
    }, 900_000);

    afterAll(async () => {
      await stop();
    }, 30_000);

    const flowOf = ({ realm }: AccessModel, { clientId }: PublicClient) =>
      new CodeFlow(server.url, realm, { clientId, redirectUri });

    /** What a new user's browser gets for the object store. */
    async function register(of: AccessModel): Promise<TokenSet> {
      const flow = flowOf(of, of.objectStore);
      const form = await browser.open(flow.authorizationUrl.replace("/auth?", "/registrations?"));
      const person = { username: "adal", email: "ada@example.org", firstName: "Ada", lastName: "L." };
      const password = { password: "the first passphrase", "password-confirm": "the first passphrase" };
      return flow.exchange(await browser.submit(form, { ...person, ...password }));
    }

    it("are in the access token, in exactly the form that AWS reads", () => {
      expect(claimsOf(tokens.access_token)).toHaveProperty([claim], tagsOfAda);
    });

    it("come with the audience that the role asks for, in whichever claim AWS looks", () => {
      const { aud, azp, iss } = claimsOf(tokens.access_token);
      expect({ aud, azp, iss }).toEqual({
        aud: access.objectStore.audience,
        azp: access.objectStore.audience,
        iss: access.issuerUrl,
      });
    });

    it("are in no other token, and in none of another client", async () => {
      expect(claimsOf(tokens.id_token)).not.toHaveProperty([claim]);
      const portal = flowOf(access, access.portal);
      const others = await portal.exchange(await browser.open(portal.authorizationUrl));
      expect(claimsOf(others.access_token)).toMatchObject({ preferred_username: "adal" });
      expect(JSON.stringify(claimsOf(others.access_token))).not.toContain("aws.amazon.com");
    }, 60_000);

    it("come and go when the store is switched: a token from before is renewed with what holds then", async () => {
      const admin = new AdminApi(server.url, { id: reconcileClient, secret: adminSecret });
      const [client] = await admin.get<{ id: string }[]>(`former/clients?clientId=${former.objectStore.clientId}`);
      // As the reconcile Job does it.
      const follow = async (model: AccessModel) => {
        const document = documentOf(model).clients.find(({ clientId }) => clientId === model.objectStore.clientId);
        const { status } = await admin.send("PUT", `former/clients/${client?.id ?? ""}`, document);
        expect(status).toBe(204);
      };
      const flow = flowOf(former, former.objectStore);
      const before = await register(former);
      expect(claimsOf(before.access_token)).not.toHaveProperty([claim]);
      await follow(accessTo("s3", "former"));
      const during = await flow.refresh(before);
      expect(claimsOf(during.access_token)).toHaveProperty([claim], tagsOfAda);
      await follow(former);
      expect(claimsOf((await flow.refresh(during)).access_token)).not.toHaveProperty([claim]);
    }, 60_000);
  },
);
