/** A real Keycloak whose people are kept in a real slapd: the realm's own document and Job, the directory's own configuration. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import { directoryFactsOf } from "../../components/directory/directory-facts.ts";
import { directoryHost } from "../../components/directory/names.ts";
import { openLdapSettings } from "../../components/directory/settings.ts";
import { serverEnvironment } from "../../components/identity/keycloak-environment.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import type { DirectoryFacts } from "../../components/ldap.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName } from "../../components/identity/realm-files.ts";
import { reconcileData } from "../../components/identity/reconcile-job.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { directoryUnavailable } from "../../testbed/directory/directory.ts";
import { ensureKeycloak, keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { type KeycloakServer, startKeycloak } from "../../testbed/keycloak/server.ts";
import { selfSigned, validNow } from "../support/certificate-maker.ts";
import { type DirectoryServer, domain, loginOf, names, startDirectory } from "../support/directory.ts";
import { AdminApi } from "../support/keycloak.ts";
import { runKeycloakScript } from "../support/keycloak-script.ts";

const passwords = { root: "root-s3cret", keycloak: "keycloak-s3cret", reader: "reader-s3cret" };
const reader = loginOf("reader", passwords);
const secret = "reconcile-s3cret";
const access = accessModel({ domain, realm: "datalab" });
const settings = identitySettings.parse({ groups: ["team"] });
const password = "correct horse battery";
const dave = { dn: `uid=dave,${names.people}`, password };
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0c1p3mS0wq6Yc4mG1bY9yqk0P0nq0g1d2e3f4g5h6i dave@lab";

const unavailable = keycloakUnavailable() ?? directoryUnavailable();
const describeWithBoth = unavailable === undefined ? describe : describe.skip;

describeWithBoth(`a realm with a directory${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  let distribution: string;
  let directory: DirectoryServer;
  let server: KeycloakServer;
  let admin: AdminApi;
  let facts: DirectoryFacts;
  let stop = () => Promise.resolve();

  beforeAll(async () => {
    distribution = await ensureKeycloak();
    const certificate = await selfSigned({ names: ["localhost", directoryHost], ...validNow });
    const { passwordLength, groups } = settings;
    directory = await startDirectory({ groups, passwordLength, passwords, certificate });
    const seeded = directory.seed();
    if (seeded.code !== 0) throw new Error(seeded.output);
    facts = { ...directoryFactsOf(openLdapSettings.parse({ kind: "openldap" }), domain), url: directory.url };
    const document = realmDocument(access, settings, facts);
    const folder = await mkdtemp(join(tmpdir(), "datalab-trust-"));
    const trust = join(folder, "directory.pem");
    await writeFile(trust, certificate.certificate);
    stop = () => directory.stop();
    server = await startKeycloak({
      distribution,
      imports: { [importFileName(document)]: importFile(document) },
      environment: {
        ...serverEnvironment({ url: "https://auth.example.test", replicas: 1 }),
        KC_TRUSTSTORE_PATHS: trust,
        KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
        KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: secret,
      },
    });
    stop = async () => {
      await server.stop();
      await directory.stop();
      await rm(folder, { recursive: true });
    };
    admin = new AdminApi(server.url, { id: reconcileClient, secret });
  }, 900_000);

  afterAll(async () => {
    await stop();
  }, 30_000);

  /** Runs what the Job runs. */
  function reconcile(changes: Partial<DirectoryFacts> = {}, bindPassword = passwords.keycloak) {
    return runWith(realmDocument(access, settings, { ...facts, ...changes }), bindPassword);
  }

  function runWith(document: ReturnType<typeof realmDocument>, bindPassword: string) {
    const mounts = {
      REALM_FILES: reconcileData(document),
      CLIENT_SECRETS: {},
      USER_PASSWORDS: {},
      MAIL_SERVER: {},
      DIRECTORY_PASSWORD: document.directory === undefined ? {} : { "password.json": JSON.stringify(bindPassword) },
      SESSION_FOLDER: {},
    };
    const script = "REALM_FILES/reconcile.sh";
    return runKeycloakScript({ server, distribution, realm: document.realm, secret, mounts, script });
  }

  interface Named {
    readonly id: string;
    readonly name: string;
    readonly federationLink?: string;
  }
  const userNamed = async (name: string) =>
    (await admin.get<Named[]>(`datalab/users?exact=true&username=${name}`)).at(0);
  const groupId = async () => (await admin.get<Named[]>("datalab/groups")).find(({ name }) => name === "team")?.id;
  const createDave = (changes: object = {}) =>
    admin.send("POST", "datalab/users", {
      username: "dave",
      email: "dave@example.test",
      firstName: "Dave",
      lastName: "Roy",
      enabled: true,
      attributes: { sshPublicKey: [key] },
      credentials: [{ type: "password", value: password, temporary: false }],
      ...changes,
    });

  it("names the hop that fails: a wrong password, a wrong base, a server that is down", async () => {
    const wrong = await reconcile({}, "wrong");
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toContain(`FAILED: login of ${facts.bindDn} at the directory ${directory.url}`);
    const base = await reconcile({ usersDn: `ou=nobody,${names.base}`, own: false });
    expect(base.code).not.toBe(0);
    expect(base.output).toContain(`FAILED: people of the directory, below ou=nobody,${names.base}`);
    await directory.halt();
    const down = await reconcile();
    await directory.resume();
    expect(down.code).not.toBe(0);
    expect(down.output).toContain(`FAILED: connection of Keycloak to the directory ${directory.url}`);
  }, 300_000);

  it("takes over the directory's groups, twice without a difference", async () => {
    const components = () => admin.get<Named[]>("datalab/components?type=org.keycloak.storage.UserStorageProvider");
    const first = await reconcile();
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining("directory: in step") });
    const before = await components();
    expect(before.map(({ name }) => name)).toEqual(["directory"]);
    expect(await reconcile()).toMatchObject({ code: 0 });
    expect(await components()).toEqual(before);
    const mappers = await admin.get<Named[]>(`datalab/components?parent=${before[0]?.id ?? ""}`);
    expect(mappers.map(({ name }) => name).toSorted()).toEqual(
      ["email", "firstName", "fullName", "groups", "lastName", "sshPublicKey", "uidNumber", "username"].toSorted(),
    );
    expect((await admin.get<Named[]>("datalab/groups")).map(({ name }) => name)).toEqual(["team"]);
  }, 300_000);

  it("keeps who is made in Keycloak in the directory, with key and hashed password", async () => {
    const created = await createDave();
    expect([created.status, await created.text()]).toEqual([201, ""]);
    const value = (attribute: string) => directory.values(reader, names.people, "(uid=dave)", attribute);
    expect(value("cn")).toEqual(["Dave Roy"]);
    expect(value("sshPublicKey")).toEqual([key]);
    expect(directory.values(loginOf("root", passwords), names.people, "(uid=dave)", "userPassword")).toEqual([
      expect.stringMatching(/^\{ARGON2\}/),
    ]);
    expect(directory.client("ldapwhoami", dave, []).code).toBe(0);
    expect((await userNamed("dave"))?.federationLink).toBeDefined();
  }, 60_000);

  it("refuses a name, a key and a password outside of the rules", async () => {
    const others = { username: "erin", email: "erin@example.test" };
    for (const changes of [
      { ...others, username: "bad.name" },
      { ...others, attributes: { sshPublicKey: ["rm -rf /"] } },
      { ...others, credentials: [{ type: "password", value: "short", temporary: false }] },
    ]) {
      expect((await createDave(changes)).status).toBe(400);
    }
    expect(directory.values(reader, names.people, "(uid=bad.name)", "uid")).toEqual([]);
    // Keycloak takes back its own half alone when a password is refused: an entry without one is left.
    expect(directory.values(loginOf("root", passwords), names.people, "(uid=erin)", "userPassword")).toEqual([]);
    expect(directory.values(reader, names.people, "(uid=erin)", "uid")).toEqual(["erin"]);
  }, 60_000);

  it("writes memberships into the directory, and takes them away", async () => {
    const path = `datalab/users/${(await userNamed("dave"))?.id ?? ""}/groups/${(await groupId()) ?? ""}`;
    const memberOf = () => directory.values(reader, names.people, "(uid=dave)", "memberOf");
    expect((await admin.send("PUT", path)).status).toBe(204);
    expect(memberOf()).toEqual([`cn=team,${names.groups}`]);
    expect((await admin.send("DELETE", path)).status).toBe(204);
    expect(memberOf()).toEqual([]);
  }, 60_000);

  it("leaves everybody in Keycloak when it goes", async () => {
    const { code, output } = await runWith(realmDocument(access, settings), "");
    expect([code, output]).toEqual([0, expect.stringContaining("directory: disconnected")]);
    const left = await userNamed("dave");
    expect(left).toBeDefined();
    expect(left?.federationLink).toBeUndefined();
    expect(directory.client("ldapwhoami", dave, []).code).toBe(0);
  }, 120_000);
});
