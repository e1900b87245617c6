/** The reconcile Job's own script and files against a real Keycloak that has imported the very document. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { ensureKeycloak, keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { type KeycloakServer, startKeycloak } from "../../testbed/keycloak/server.ts";
import { accessModel } from "../../components/access/access-model.ts";
import { serverEnvironment } from "../../components/identity/keycloak-environment.ts";
import { mailServer } from "../../components/identity/mail-server.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import { type RealmDocument, realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName } from "../../components/identity/realm-files.ts";
import { reconcileData } from "../../components/identity/reconcile-job.ts";
import { mark, projectAttribute } from "../../components/identity/representations.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { usernameError } from "../../components/identity/user-profile.ts";
import { issue, makeAuthority, validNow } from "../support/certificate-maker.ts";
import { AdminApi, Browser, claimsOf, CodeFlow, type TokenSet } from "../support/keycloak.ts";
import { runKeycloakScript } from "../support/keycloak-script.ts";
import { type MailRecorder, startMailRecorder } from "../support/mail-recorder.ts";

const publicUrl = "https://auth.example.test";
const access = accessModel({ domain: "example.test", realm: "datalab" });
const redirectUri = "https://datalab.example.test/";

const secrets = {
  reconcile: "reconcile-s3cret",
  clients: { chat: "chat-s3cret", grafana: "grafana-s3cret", wiki: "wiki-s3cret" },
  users: { alice: "alice-one-time-s3cret" } as { alice: string; [guest: string]: string },
  mail: {} as { "server.json"?: string },
};

// Signs that JSON and a shell take for their own.
const mailLogin = { user: "lab", password: `s3cret "of" $mail\\s` };

const before = {
  registration: "open",
  groups: ["team"],
  roles: ["power", "retired"],
  firstUsers: { alice: { email: "alice@example.org", groups: ["team"], roles: ["power"] } },
  clients: {
    chat: { kind: "confidential", redirectUris: ["https://chat.example.test/*"] },
    wiki: { kind: "confidential", redirectUris: ["https://wiki.example.test/*"] },
    notes: { kind: "public", redirectUris: ["https://notes.example.test/old"] },
  },
};

const after = {
  ...before,
  // People have made a group and a role of this name.
  groups: ["by-hand", "crew"],
  roles: ["by-hand", "expert", "power"],
  firstUsers: { alice: { email: "alice@example.org" } },
  sessions: { max: "9d" },
  clients: {
    chat: { ...before.clients.chat, kind: "public" },
    grafana: { kind: "confidential", redirectUris: ["https://grafana.example.test/login"] },
    notes: { kind: "public", redirectUris: ["https://notes.example.test/old", "https://notes.example.test/new"] },
  },
};

const later = { ...after, groups: ["crew"], roles: ["expert", "power"] };

const documentOf = (settings: object): RealmDocument => realmDocument(access, identitySettings.parse(settings));

interface Identified {
  readonly id: string;
  readonly name?: string;
  readonly clientId?: string;
  readonly redirectUris?: readonly string[];
  readonly attributes?: object;
  readonly protocolMappers?: readonly { readonly id: string; readonly name: string; readonly config: object }[];
}

const unavailable = keycloakUnavailable();
const describeWithKeycloak = unavailable === undefined ? describe : describe.skip;

describeWithKeycloak(`a real Keycloak${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  let distribution: string;
  let server: KeycloakServer;
  let mail: MailRecorder;
  let admin: AdminApi;
  let stop = () => Promise.resolve();

  beforeAll(async () => {
    distribution = await ensureKeycloak();
    const document = documentOf(before);
    const relays = await makeAuthority("mail relays");
    const folder = await mkdtemp(join(tmpdir(), "datalab-mail-"));
    const trust = join(folder, "authority.pem");
    await writeFile(trust, relays.certificate);
    mail = await startMailRecorder(await issue(relays, { names: ["localhost"], ...validNow }), mailLogin);
    server = await startKeycloak({
      distribution,
      imports: { [importFileName(document)]: importFile(document) },
      environment: {
        ...serverEnvironment({ url: publicUrl, replicas: 1 }),
        KC_TRUSTSTORE_PATHS: trust,
        KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
        KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: secrets.reconcile,
      },
    });
    stop = async () => {
      await server.stop();
      await mail.stop();
      await rm(folder, { recursive: true });
    };
    admin = new AdminApi(server.url, { id: reconcileClient, secret: secrets.reconcile });
  }, 900_000);

  afterAll(async () => {
    await stop();
  }, 30_000);

  /** Runs what the Job runs. */
  async function reconcile(document: RealmDocument): Promise<{ code: number; output: string }> {
    const mounts = {
      REALM_FILES: reconcileData(document),
      CLIENT_SECRETS: secrets.clients,
      USER_PASSWORDS: secrets.users,
      MAIL_SERVER: secrets.mail,
      SESSION_FOLDER: {},
    };
    const { realm } = document;
    const script = "REALM_FILES/reconcile.sh";
    return runKeycloakScript({ server, distribution, realm, secret: secrets.reconcile, mounts, script });
  }

  async function inStep(document: RealmDocument): Promise<string> {
    const { code, output } = await reconcile(document);
    if (code !== 0) throw new Error(output);
    return output;
  }

  /** Does by hand what must succeed. */
  async function byHand(method: string, path: string, body?: object): Promise<void> {
    const response = await admin.send(method, `datalab/${path}`, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  const all = (kind: string) => admin.get<Identified[]>(`datalab/${kind}`);
  const clientIn = (clients: readonly Identified[], id: string) => clients.find(({ clientId }) => clientId === id);
  const named = (objects: readonly Identified[], wanted: string) => objects.find(({ name }) => name === wanted);
  const names = (objects: readonly Identified[]) => objects.map(({ name, clientId }) => clientId ?? name);

  /** Everything that a document could change, with ids. */
  async function snapshot() {
    const realm = await admin.get<object>("datalab");
    const paths = ["clients", "client-scopes", "roles?briefRepresentation=false", "groups?briefRepresentation=false"];
    const objects = await Promise.all([...paths, "default-default-client-scopes", "users", "components"].map(all));
    return JSON.stringify([realm, await admin.get("datalab/users/profile"), objects.map(sorted)], undefined, 1);
  }

  describe("at the first boot", () => {
    it("imports the document and keeps what Keycloak adds to a realm", async () => {
      const discovery = await fetch(`${server.url}/realms/datalab/.well-known/openid-configuration`);
      expect(await discovery.json()).toMatchObject({ issuer: access.issuerUrl });
      const keys = await admin.get<{ active: Record<string, string> }>("datalab/keys");
      expect(keys.active).toHaveProperty("RS256");
      const clients = await all("clients");
      expect(names(clients)).toEqual(expect.arrayContaining(["account", "notes", "onyxia", "onyxia-minio", "wiki"]));
      expect(await admin.get(`datalab/clients/${clientIn(clients, "onyxia")?.id ?? ""}`)).toMatchObject({
        defaultClientScopes: expect.arrayContaining(["basic", "profile", "roles", "web-origins"]),
      });
      expect(await admin.get<unknown[]>("datalab/client-registration-policy/providers")).not.toEqual([]);
    }, 60_000);

    it("refuses from the first moment usernames that cannot name a bucket", async () => {
      const page = await new Browser(server.url, publicUrl).open(registration());
      expect(page.html).toContain("Register");
      for (const username of ["Jean.Dupont", "a@b", "jean-dupont"]) {
        const response = await admin.send("POST", "datalab/users", { username, email: "new@example.org" });
        expect(response.status).toBe(400);
        expect(await response.text()).toContain(usernameError(access));
      }
    }, 60_000);
  });

  describe("kept in step", () => {
    let flow: CodeFlow;
    let tokens: TokenSet;

    it("follows the document, and a second run changes nothing", async () => {
      await byHand("POST", "clients", { clientId: "by-hand", redirectUris: ["https://hand.example.test/*"] });
      await byHand("POST", "groups", { name: "by-hand", attributes: { kept: ["by hand"] } });
      await byHand("POST", "roles", { name: "by-hand" });
      const output = await inStep(documentOf(before));
      for (const secret of [secrets.reconcile, secrets.clients.wiki, secrets.users.alice]) {
        expect(output).not.toContain(secret);
      }
      const first = await snapshot();
      await inStep(documentOf(before));
      expect(await snapshot()).toEqual(first);
      expect(names(await all("default-default-client-scopes"))).toEqual(
        expect.arrayContaining(["groups", "realm-roles"]),
      );
    }, 600_000);

    it("gives a confidential client the secret of its Secret", async () => {
      const wiki = clientIn(await all("clients"), "wiki");
      expect(await admin.get(`datalab/clients/${wiki?.id ?? ""}/client-secret`)).toMatchObject({
        value: secrets.clients.wiki,
      });
    });

    it("makes a first user choose a password, and then tells who it is as the AccessModel says", async () => {
      flow = new CodeFlow(server.url, "datalab", { clientId: access.objectStore.clientId, redirectUri });
      const browser = new Browser(server.url, publicUrl);
      const login = await browser.open(flow.authorizationUrl);
      const mustChange = await browser.submit(login, { username: "alice", password: secrets.users.alice });
      expect(mustChange.redirectedTo).toBeUndefined();
      const done = await browser.submit(mustChange, passwords("the new passphrase"));
      expect(done.redirectedTo?.href).toContain(redirectUri);
      tokens = await flow.exchange(done);
      const claims = {
        iss: access.issuerUrl,
        azp: access.objectStore.clientId,
        [access.claims.username]: "alice",
        [access.claims.groups]: ["team"],
        [access.objectStore.policyClaim]: access.objectStore.policyName,
        sub: expect.any(String),
      };
      expect(claimsOf(tokens.access_token)).toMatchObject({ ...claims, aud: access.objectStore.audience });
      expect(claimsOf(tokens.id_token)).toMatchObject({ ...claims, aud: access.objectStore.clientId });
      const { exp, iat } = claimsOf(tokens.access_token) as { exp: number; iat: number };
      expect(exp - iat).toBe(12 * 3600);

      const portal = new CodeFlow(server.url, "datalab", { clientId: access.portal.clientId, redirectUri });
      const portalTokens = await portal.exchange(await browser.open(portal.authorizationUrl));
      expect(claimsOf(portalTokens.access_token)).toMatchObject({
        aud: expect.arrayContaining([access.portal.audience]),
        [access.claims.username]: "alice",
        [access.claims.groups]: ["team"],
        [access.claims.projects]: ["team"],
        [access.claims.roles]: expect.arrayContaining(["power"]),
      });
      expect(claimsOf(portalTokens.access_token)).not.toHaveProperty(access.objectStore.policyClaim);
    }, 120_000);

    it("gives no code without PKCE, none to a foreign address, and no token to who cannot prove the challenge", async () => {
      const browser = new Browser(server.url, publicUrl);
      const withoutChallenge = flow.authorizationUrl.replace(/&code_challenge.*$/, "");
      expect((await browser.open(withoutChallenge)).redirectedTo?.searchParams.get("error")).toBe("invalid_request");
      const foreign = flow.authorizationUrl.replace(encodeURIComponent(redirectUri), "https%3A%2F%2Fevil.test%2F");
      expect((await browser.open(foreign)).redirectedTo).toBeUndefined();
      const login = await browser.open(flow.authorizationUrl);
      const done = await browser.submit(login, { username: "alice", password: "the new passphrase" });
      await expect(flow.exchange(done, "x".repeat(43))).rejects.toThrow("invalid_grant");
    }, 120_000);

    it("tells people in the registration form why a username is refused, and accepts a good one", async () => {
      const browser = new Browser(server.url, publicUrl);
      let page = await browser.open(registration());
      for (const username of ["Jean.Dupont", "a@b", "jean-dupont"]) {
        page = await browser.submit(page, { ...person(username), ...passwordFields });
        expect(page.redirectedTo).toBeUndefined();
        expect(page.html).toContain(usernameError(access));
      }
      const done = await browser.submit(page, { ...person("jeandupont"), ...passwordFields });
      expect(done.redirectedTo?.searchParams.has("code")).toBe(true);
    }, 120_000);

    it("follows a changed document in place and leaves people's own objects and sessions alone", async () => {
      const old = await all("clients");
      const [group, role] = [named(await all("groups"), "by-hand"), named(await all("roles"), "by-hand")];
      expect(names(await all("roles"))).toContain("retired");
      const document = withoutMapper(documentOf(after), access.objectStore.clientId, "policy");
      await inStep(document);
      const clients = await all("clients");
      const ids = (from: readonly Identified[], id: string) => clientIn(from, id)?.id;
      expect(names(clients)).toEqual(expect.arrayContaining(["account", "by-hand", "grafana", "onyxia"]));
      expect(names(clients)).not.toContain("wiki");
      for (const kept of ["onyxia", "onyxia-minio", "notes", "chat", "by-hand"])
        expect(ids(clients, kept)).toBe(ids(old, kept));
      expect(clientIn(clients, "chat")).toMatchObject({
        publicClient: true,
        attributes: { "pkce.code.challenge.method": "S256" },
      });
      expect(clientIn(clients, "notes")?.redirectUris?.toSorted()).toEqual(after.clients.notes.redirectUris.toSorted());
      const mappers = (from: readonly Identified[]) => clientIn(from, "onyxia-minio")?.protocolMappers ?? [];
      const audience = (from: readonly Identified[]) => mappers(from).find(({ name }) => name === "audience")?.id;
      expect(mappers(clients).map(({ name }) => name)).toEqual(["audience"]);
      expect(audience(clients)).toBe(audience(old));
      expect(await admin.get("datalab")).toMatchObject({ ssoSessionMaxLifespan: 9 * 86_400 });
      const groups = await all("groups?briefRepresentation=false");
      expect(names(groups)).toEqual(expect.arrayContaining(["by-hand", "crew"]));
      expect(names(groups)).not.toContain("team");
      const roles = await all("roles?briefRepresentation=false");
      expect(names(roles)).toEqual(expect.arrayContaining(["by-hand", "expert", "offline_access", "power"]));
      expect(names(roles)).not.toContain("retired");
      // What people have made stays theirs, also where the document names it.
      expect(named(groups, "by-hand")?.id).toBe(group?.id);
      expect(named(roles, "by-hand")?.id).toBe(role?.id);
      for (const theirs of [named(groups, "by-hand"), named(roles, "by-hand")])
        expect(theirs?.attributes ?? {}).not.toHaveProperty([mark]);
      expect(named(groups, "crew")?.attributes).toHaveProperty([mark]);

      // It has a project now, and nothing else was written into it.
      expect(named(groups, "by-hand")?.attributes).toEqual({ kept: ["by hand"], [projectAttribute]: ["by-hand"] });

      // The session from before still lives, and its new token follows the new document.
      const renewed = claimsOf((await flow.refresh(tokens)).access_token);
      expect(renewed).toMatchObject({ [access.claims.username]: "alice", aud: access.objectStore.audience });
      expect(renewed).not.toHaveProperty(access.objectStore.policyClaim);
      expect(renewed).not.toHaveProperty(access.claims.groups);
      const again = new Browser(server.url, publicUrl);
      const login = await again.open(flow.authorizationUrl);
      const done = await again.submit(login, { username: "alice", password: "the new passphrase" });
      expect(done.redirectedTo?.searchParams.has("code")).toBe(true);
    }, 600_000);

    it("removes what a former version added to a claim scope, and repairs what people damaged", async () => {
      const scopes = await all("client-scopes");
      const [groups, realmRoles] = [named(scopes, "groups"), named(scopes, "realm-roles")];
      const [mapper] = realmRoles?.protocolMappers ?? [];
      const models = (scope?: Identified) => `client-scopes/${scope?.id ?? ""}/protocol-mappers/models`;
      await byHand("POST", models(groups), {
        ...documentOf(after).clientScopes[1]?.protocolMappers[0],
        name: "former",
      });
      await byHand("POST", "client-scopes", {
        name: "former",
        protocol: "openid-connect",
        attributes: { [mark]: "true" },
      });
      const onyxia = clientIn(await all("clients"), "onyxia");
      const basic = named(scopes, "basic");
      await byHand("DELETE", `clients/${onyxia?.id ?? ""}/default-client-scopes/${basic?.id ?? ""}`);
      await byHand("PUT", `client-scopes/${realmRoles?.id ?? ""}`, { ...realmRoles, description: "damaged" });
      await byHand("PUT", `${models(realmRoles)}/${mapper?.id ?? ""}`, {
        ...mapper,
        config: { ...mapper?.config, "claim.name": "damaged" },
      });
      const profile = await admin.get<{ attributes: { name: string; validations: object }[] }>("datalab/users/profile");
      const attributes = profile.attributes.map(({ name, validations, ...rest }) =>
        name === "username"
          ? { ...rest, name, validations: { length: { max: "99" } } }
          : { ...rest, name, validations },
      );
      await byHand("PUT", "users/profile", { ...profile, attributes });
      secrets.clients.grafana = "another-grafana-s3cret";
      await inStep(documentOf(later));

      const repaired = await all("client-scopes");
      expect(names(repaired)).not.toContain("former");
      const { protocolMappers } = named(repaired, "groups") ?? {};
      expect(protocolMappers).toMatchObject([{ name: "groups", id: groups?.protocolMappers?.[0]?.id }]);
      expect(await admin.get(`datalab/clients/${onyxia?.id ?? ""}`)).toMatchObject({
        defaultClientScopes: expect.arrayContaining(["basic"]),
      });
      expect(sorted(named(repaired, "realm-roles"))).toEqual(sorted(realmRoles));
      expect(await admin.get("datalab/users/profile")).toEqual(profile);
      const grafana = clientIn(await all("clients"), "grafana");
      expect(await admin.get(`datalab/clients/${grafana?.id ?? ""}/client-secret`)).toMatchObject({
        value: secrets.clients.grafana,
      });
      // Once named by the document and now no longer, but never made by it.
      expect(names(await all("groups"))).toContain("by-hand");
      expect(names(await all("roles"))).toContain("by-hand");
    }, 600_000);

    it("makes no new names that a narrower rule refuses, and lets in who has one already", async () => {
      const wide = accessModel({ domain: "example.test", realm: "datalab", hyphenatedNames: true });
      const wider = realmDocument(wide, identitySettings.parse(later));
      await inStep(wider);
      const credentials = [{ type: "password", value: "another passphrase", temporary: false }];
      const named = { ...person("anne-marie"), email: "anne@example.org", enabled: true, credentials };
      await byHand("POST", "users", named);
      const logIn = async () => {
        const browser = new Browser(server.url, publicUrl);
        const login = await browser.open(flow.authorizationUrl);
        return browser.submit(login, { username: "anne-marie", password: "another passphrase" });
      };
      expect((await logIn()).redirectedTo?.searchParams.has("code")).toBe(true);
      await inStep(documentOf(later));
      // Read-only, and so not held against the person.
      expect((await logIn()).redirectedTo?.searchParams.has("code")).toBe(true);
      const another = await admin.send("POST", "datalab/users", { username: "anne-lise", email: "lise@example.org" });
      expect(await another.text()).toContain(usernameError(access));
      await inStep(wider);
      // A name that could be a neighbour's host is refused by the wider rule too.
      const answer = await admin.send("POST", "datalab/users", { username: "anne-4711", email: "a4711@example.org" });
      expect(await answer.text()).toContain(usernameError(wide));
      await inStep(documentOf(later));
    }, 600_000);

    it("gives a project to members of its groups, whatever groups below others are called", async () => {
      const [crew] = (await all("groups")).filter(({ name }) => name === "crew");
      await byHand("POST", "groups", { name: "other" });
      const other = named(await all("groups"), "other");
      for (const parent of [crew, other]) await byHand("POST", `groups/${parent?.id ?? ""}/children`, { name: "x" });
      const below = async (parent?: Identified) => (await all(`groups/${parent?.id ?? ""}/children`))[0]?.id ?? "";
      const [alice] = await all("users?exact=true&username=alice");
      const projects = async (...groups: string[]) => {
        for (const group of groups) await byHand("PUT", `users/${alice?.id ?? ""}/groups/${group}`);
        const portal = new CodeFlow(server.url, "datalab", { clientId: access.portal.clientId, redirectUri });
        const browser = new Browser(server.url, publicUrl);
        const login = await browser.open(portal.authorizationUrl);
        const done = await browser.submit(login, { username: "alice", password: "the new passphrase" });
        const claims = claimsOf((await portal.exchange(done)).access_token);
        for (const group of groups) await byHand("DELETE", `users/${alice?.id ?? ""}/groups/${group}`);
        return { names: claims[access.claims.groups], projects: claims[access.claims.projects] };
      };
      expect(await projects(crew?.id ?? "")).toEqual({ names: ["crew"], projects: ["crew"] });
      expect(await projects(await below(crew))).toEqual({ names: ["x"], projects: ["crew"] });
      expect(await projects(await below(other), other?.id ?? "")).toEqual({
        names: expect.arrayContaining(["other", "x"]),
        projects: undefined,
      });
      await byHand("DELETE", `groups/${await below(crew)}`);
    }, 300_000);

    it("leaves Keycloak's own realm its logins, and makes them hard to guess", async () => {
      const { passwordPolicy, bruteForceProtected } = documentOf(later).master;
      expect(await admin.get("master")).toMatchObject({ passwordPolicy, bruteForceProtected, enabled: true });
      await admin.send("POST", "master/users", { username: "chief", enabled: true });
      const [chief] = await admin.get<Identified[]>("master/users?exact=true&username=chief");
      const attempts = `master/attack-detection/brute-force/users/${chief?.id ?? ""}`;
      for (let tries = 0; tries < 12; tries += 1) {
        await fetch(`${server.url}/realms/master/protocol/openid-connect/token`, {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "password",
            client_id: "admin-cli",
            username: "chief",
            password: "x",
          }),
        });
      }
      expect(await admin.get(attempts)).toMatchObject({ disabled: true });
      // Too short for the policy.
      const reset = { type: "password", value: "short", temporary: false };
      const answer = await admin.send("PUT", `master/users/${chief?.id ?? ""}/reset-password`, reset);
      expect(answer.status).toBe(400);
    }, 120_000);

    it("lets nobody in whose mail address is not proven, and keeps the mail server's password to itself", async () => {
      const smtp = { host: "localhost", port: mail.port, from: "lab@example.org", encryption: "tls", ...mailLogin };
      const verified = { ...later, registration: "verified", smtp };
      const { smtp: parsed, displayName } = identitySettings.parse(verified);
      secrets.mail["server.json"] = mailServer(parsed!, displayName);
      const output = await inStep(documentOf(verified));
      expect(output).not.toContain(JSON.stringify(mailLogin.password).slice(1, -1));
      expect(await admin.get("datalab")).toMatchObject({ smtpServer: { host: "localhost", user: mailLogin.user } });

      const browser = new Browser(server.url, publicUrl);
      const form = await browser.open(registration());
      const marie = { ...person("marie"), email: "marie@example.org" };
      const waiting = await browser.submit(form, { ...marie, ...passwordFields });
      expect(waiting.redirectedTo).toBeUndefined();
      expect(mail.refused()).toBe(0);
      expect(mail.mails).toEqual([expect.stringContaining("To: marie@example.org")]);
      const account = async () => (await all("users?exact=true&username=marie"))[0];
      expect(await account()).toMatchObject({ emailVerified: false });
      const [link = ""] = /https:\/\/auth\.example\.test\/\S*action-token\?\S*/.exec(mail.mails[0] ?? "") ?? [];
      await browser.open(link);
      expect(await account()).toMatchObject({ emailVerified: true });
      const login = await new Browser(server.url, publicUrl).open(flow.authorizationUrl);
      expect(login.html).toContain("reset-credentials");

      delete secrets.mail["server.json"];
      await inStep(documentOf(later));
      expect(await admin.get("datalab")).toMatchObject({ smtpServer: {}, verifyEmail: false });
    }, 300_000);

    it("deletes no group with groups below it that people have made, and names it", async () => {
      const crew = named(await all("groups"), "crew")?.id ?? "";
      await byHand("POST", `groups/${crew}/children`, { name: "crew-inner" });
      const document = documentOf({ ...later, groups: [] });
      const { code, output } = await reconcile(document);
      expect(code).not.toBe(0);
      expect(output).toMatch(/FAILED: group crew, .* made by hand: crew-inner$/m);
      const [inner] = await all(`groups/${crew}/children`);
      expect(inner?.name).toBe("crew-inner");
      await byHand("DELETE", `groups/${inner?.id ?? ""}`);
      await inStep(document);
      expect(names(await all("groups"))).not.toContain("crew");
    }, 600_000);

    it("makes many first users with few calls, and names the one whose mail address is taken", async () => {
      // More than a page of them, before the others in the alphabet.
      const crowd = Array.from({ length: 1001 }, (_, index) => ({ username: `a${index + 1000}`, enabled: true }));
      await byHand("POST", "partialImport", { ifResourceExists: "FAIL", users: crowd });
      const guests = Array.from({ length: 60 }, (_, index) => `guest${index + 10}`);
      for (const guest of guests) secrets.users[guest] = `${guest}-s3cret`;
      const firstUsers = Object.fromEntries(guests.map((guest) => [guest, { email: `${guest}@example.org` }]));
      const withGuests = (settings: object) =>
        documentOf({ ...later, groups: [], firstUsers: { ...later.firstUsers, ...firstUsers, ...settings } });
      const exact = (username: string) => all(`users?exact=true&username=${username}`);

      const { code, output } = await reconcile(withGuests({ guest11: { email: person("").email } }));
      expect(code).not.toBe(0);
      expect(output).toMatch(/^FAILED: user guest11, whose mail address may be another account's$/m);
      for (const guest of guests) expect(output).not.toContain(secrets.users[guest]);
      expect(await exact("guest10")).toHaveLength(1);
      expect(await exact("guest11")).toHaveLength(0);

      const made = (await inStep(withGuests({}))).match(/^users? .*: created$/gm);
      expect(made).toEqual([expect.stringMatching(/^users guest11 .* guest60:/), expect.stringMatching(/ guest69:/)]);
      for (const guest of guests) expect(await exact(guest)).toMatchObject([{ requiredActions: ["UPDATE_PASSWORD"] }]);
    }, 600_000);
  });

  it("makes a realm that is missing, and ends with the name of the object that fails", async () => {
    const document = realmDocument(
      accessModel({ domain: "example.test", realm: "second" }),
      identitySettings.parse(after),
    );
    const grafana = document.clients.find(({ clientId }) => clientId === "grafana");
    const broken = {
      ...document,
      clients: [{ ...grafana!, redirectUris: ["https://[broken"], rootUrl: "javascript:x" }],
    };
    const { code, output } = await reconcile(broken);
    expect(code).not.toBe(0);
    expect(output).toContain("FAILED: client grafana");
    expect(await admin.get("second")).toMatchObject({ displayName: "Datalab", registrationAllowed: true });
  }, 600_000);

  it("does not get in with another secret, and says so", async () => {
    const right = secrets.reconcile;
    secrets.reconcile = "wrong";
    try {
      const { code, output } = await reconcile(documentOf(after));
      expect(code).not.toBe(0);
      expect(output).toContain(`FAILED: login of ${reconcileClient}`);
    } finally {
      secrets.reconcile = right;
    }
  }, 120_000);
});

function registration(): string {
  const flow = new CodeFlow("", "datalab", { clientId: access.portal.clientId, redirectUri });
  return flow.authorizationUrl.replace("/auth?", "/registrations?");
}

const passwords = (password: string) => ({ "password-new": password, "password-confirm": password });
const passwordFields = { password: "another passphrase", "password-confirm": "another passphrase" };
const person = (username: string) => ({ username, email: "jean@example.org", firstName: "Jean", lastName: "Dupont" });

function withoutMapper(document: RealmDocument, clientId: string, mapper: string): RealmDocument {
  return {
    ...document,
    clients: document.clients.map((client) =>
      client.clientId === clientId
        ? { ...client, protocolMappers: client.protocolMappers.filter(({ name }) => name !== mapper) }
        : client,
    ),
  };
}

/** Lists in a fixed order: the server answers in any. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]));
}
