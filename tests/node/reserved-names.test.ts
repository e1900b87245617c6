/** The script that keeps the names of deleted accounts, against a real Keycloak. */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { ensureKeycloak, keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { type KeycloakServer, startKeycloak } from "../../testbed/keycloak/server.ts";
import { accessModel } from "../../components/access/access-model.ts";
import { serverEnvironment } from "../../components/identity/keycloak-environment.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName } from "../../components/identity/realm-files.ts";
import { reservedNamesData } from "../../components/identity/reserved-names.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { AdminApi, Browser, CodeFlow } from "../support/keycloak.ts";
import { runKeycloakScript } from "../support/keycloak-script.ts";

const publicUrl = "https://auth.example.test";
const access = accessModel({ domain: "example.test", realm: "datalab" });
const document = realmDocument(access, identitySettings.parse({ registration: "open" }));
const secret = "names-s3cret";

interface Account {
  readonly id: string;
  readonly username: string;
  readonly enabled: boolean;
  readonly firstName?: string;
  readonly lastName?: string;
}

const unavailable = keycloakUnavailable();
const describeWithKeycloak = unavailable === undefined ? describe : describe.skip;

describeWithKeycloak(`names${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  let distribution: string;
  let server: KeycloakServer;
  let admin: AdminApi;
  let stop = () => Promise.resolve();

  beforeAll(async () => {
    distribution = await ensureKeycloak();
    server = await startKeycloak({
      distribution,
      imports: { [importFileName(document)]: importFile(document) },
      environment: {
        ...serverEnvironment({ url: publicUrl, replicas: 1 }),
        KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
        KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: secret,
      },
    });
    stop = () => server.stop();
    admin = new AdminApi(server.url, { id: reconcileClient, secret });
    for (const username of ["alice", "bob", "carol"]) await make(username);
  }, 900_000);

  afterAll(async () => {
    await stop();
  }, 30_000);

  async function run(): Promise<string[]> {
    const mounts = { SCRIPT: reservedNamesData, SESSION_FOLDER: {} };
    const script = `SCRIPT/${Object.keys(reservedNamesData)[0] ?? ""}`;
    const { code, output } = await runKeycloakScript({
      server,
      distribution,
      realm: "datalab",
      secret,
      mounts,
      script,
    });
    if (code !== 0) throw new Error(output);
    expect(output).not.toContain(secret);
    return output.split("\n").filter((line) => /^(name |WARNING|names of realm)/.test(line));
  }

  const inStep = "names of realm datalab: in step with its accounts";

  /** Answer to making an account, as an administrator. */
  async function tryToMake(username: string): Promise<number> {
    const email = `${username}@example.org`;
    const credentials = [{ type: "password", value: `${username} chose this one`, temporary: false }];
    const person = { username, email, firstName: "A", lastName: "Person", enabled: true, emailVerified: true };
    const response = await admin.send("POST", "datalab/users", { ...person, credentials });
    return response.status;
  }

  async function make(username: string): Promise<void> {
    expect(await tryToMake(username)).toBe(201);
  }

  async function account(username: string): Promise<Account | undefined> {
    const [found] = await admin.get<Account[]>(`datalab/users?exact=true&username=${username}`);
    return found;
  }

  /** Answer to changing an account, or to deleting it. */
  async function tryToChange(username: string, fields: object | undefined): Promise<number> {
    const found = await account(username);
    const path = `datalab/users/${found?.id ?? ""}`;
    const response = await (fields === undefined
      ? admin.send("DELETE", path)
      : admin.send("PUT", path, { ...found, ...fields }));
    return response.status;
  }

  async function change(username: string, fields: object | undefined): Promise<void> {
    expect(await tryToChange(username, fields)).toBe(204);
  }

  const remove = (username: string) => change(username, undefined);

  it("are noted while their accounts live, and nothing happens to these", async () => {
    const before = await admin.get("datalab/users");
    expect(await run()).toEqual([inStep]);
    expect(await run()).toEqual([inStep]);
    expect(await admin.get("datalab/users")).toEqual(before);
  }, 120_000);

  it("stay taken when their accounts are deleted", async () => {
    await remove("alice");
    expect(await run()).toEqual(["name alice: reserved, for its account is gone", inStep]);
    expect(await account("alice")).toMatchObject({
      enabled: false,
      firstName: "Reserved",
      lastName: "name of a deleted account",
    });
    expect(await tryToMake("alice")).toBe(409);
    const reserved = await account("alice");
    expect(await run()).toEqual([inStep]);
    expect(await account("alice")).toEqual(reserved);
    expect((await account("bob"))?.enabled).toBe(true);
  }, 120_000);

  it("cannot be registered anew, and nobody logs in with them", async () => {
    const client = { clientId: access.portal.clientId, redirectUri: "https://datalab.example.test/" };
    const { authorizationUrl } = new CodeFlow(server.url, "datalab", client);
    const browser = new Browser(server.url, publicUrl);
    const form = await browser.open(authorizationUrl.replace("/auth?", "/registrations?"));
    const refused = await browser.submit(form, {
      username: "alice",
      password: "a namesake's own",
      "password-confirm": "a namesake's own",
      email: "namesake@example.org",
      firstName: "A",
      lastName: "Namesake",
    });
    expect(refused.redirectedTo).toBeUndefined();
    expect(refused.html).toContain("Username already exists");
    const login = await new Browser(server.url, publicUrl).open(authorizationUrl);
    expect(login.html).toContain("password");
    const shut = await browser.submit(await browser.open(authorizationUrl), {
      username: "alice",
      password: "alice chose this one",
    });
    expect(shut.redirectedTo).toBeUndefined();
  }, 60_000);

  it("are free again when the account that reserves them is deleted too, and stay so", async () => {
    await remove("alice");
    expect(await run()).toEqual(["name alice: free again", inStep]);
    expect(await run()).toEqual([inStep]);
    await make("alice");
    expect(await run()).toEqual([inStep]);
    expect((await account("alice"))?.enabled).toBe(true);
  }, 120_000);

  it("are handed over when the account that reserves them is switched on", async () => {
    await remove("alice");
    await run();
    await change("alice", { enabled: true });
    const { id = "" } = (await account("alice")) ?? {};
    expect(await run()).toEqual([`name alice: handed over to the account ${id}`, inStep]);
    expect(await run()).toEqual([inStep]);
    await remove("alice");
    expect(await run()).toEqual(["name alice: reserved, for its account is gone", inStep]);
  }, 240_000);

  it("stay taken when a run was cut short before it could note that", async () => {
    await remove("bob");
    const reservation = { username: "bob", enabled: false, firstName: "Reserved" };
    expect((await admin.send("POST", "datalab/users", reservation)).status).toBe(201);
    expect(await run()).toEqual(["name bob: reserved", inStep]);
    await remove("bob");
    expect(await run()).toEqual(["name bob: free again", inStep]);
  }, 120_000);

  it("stay taken when their accounts get another name, which takes an administrator who allows that first", async () => {
    await make("dora");
    await run();
    const { id } = (await account("dora")) ?? {};
    const renamed = { username: "dorothea" };
    expect(await tryToChange("dora", renamed)).toBe(400);
    expect((await admin.send("PUT", "datalab", { editUsernameAllowed: true })).status).toBe(204);
    await change("dora", renamed);
    expect(await run()).toEqual(["name dora: reserved, for its account is gone", inStep]);
    expect((await account("dora"))?.enabled).toBe(false);
    expect(await account("dorothea")).toMatchObject({ id, enabled: true });
    expect(await run()).toEqual([inStep]);
    await remove("dorothea");
    expect(await run()).toEqual(["name dorothea: reserved, for its account is gone", inStep]);
  }, 240_000);

  it("are told of when somebody was faster", async () => {
    await remove("carol");
    await make("carol");
    const warning = "name carol: WARNING: another account took it before it could be reserved";
    expect(await run()).toEqual([warning, inStep]);
    expect((await account("carol"))?.enabled).toBe(true);
    expect(await run()).toEqual([inStep]);
  }, 120_000);
});
