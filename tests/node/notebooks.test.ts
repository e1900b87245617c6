/** The real hub with what the platform writes for it: logins through a real Keycloak, servers at a real API server. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import { serverEnvironment as keycloakEnvironment } from "../../components/identity/keycloak-environment.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName } from "../../components/identity/realm-files.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { namespaceArgs } from "../../components/kubernetes/namespace.ts";
import { notebooksClientOf } from "../../components/notebooks/client.ts";
import { homesQuota, hubRole, hubRoleBinding, limitRange, serversQuota } from "../../components/notebooks/rights.ts";
import { notebooksSettings } from "../../components/notebooks/settings.ts";
import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureHub, type HubPrograms, hubUnavailable } from "../../testbed/hub/hub.ts";
import { ensureKeycloak, keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { type KeycloakServer, startKeycloak } from "../../testbed/keycloak/server.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { issue, makeAuthority, validNow } from "../support/certificate-maker.ts";
import { sent } from "../support/doctor-servers.ts";
import { Front } from "../support/front.ts";
import { AdminApi, Browser, type Page } from "../support/keycloak.ts";
import { administratorPassword, clientSecret, RunningHub } from "../support/notebooks-hub.ts";

const identity = "https://auth.example.test";
const address = "https://jupyter.example.test";
const password = "correct horse battery";
const namespace = "datalab-notebooks";
const adminSecret = "reconcile-s3cret";

const settings = notebooksSettings.parse({
  login: "realm",
  access: { kind: "groups", groups: ["research"] },
  administrators: { groups: ["staff"] },
});
const signup = notebooksSettings.parse({ login: "signup", administrator: "boss" });
const access = accessModel({
  domain: "example.test",
  realm: "datalab",
  notebooks: notebooksClientOf(settings, address),
});

/** What the programs say of a trait that they do not know, of a value that is none, and of a name that is going away. */
const complaint = /not recogni[sz]ed|unrecogni[sz]ed|TraitError|DeprecationWarning|deprecated|\[C |\[E |Traceback/;

const unavailable = hubUnavailable() ?? keycloakUnavailable();
const describeWithHub = unavailable === undefined ? describe : describe.skip;

describeWithHub(`notebooks${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "datalab-notebooks-"));
  const stops: (() => Promise<void>)[] = [];
  let programs: HubPrograms;

  beforeAll(async () => {
    programs = await ensureHub();
  }, 600_000);

  afterAll(async () => {
    for (const stop of stops.toReversed()) await stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /** As a pod of the ServiceAccount has it. */
  function writeKubeconfig(name: string, cluster: object, token: string): string {
    const file = join(folder, `${name}.kubeconfig`);
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "local",
      contexts: [{ name: "local", context: { cluster: "local", user: "pod", namespace } }],
      clusters: [{ name: "local", cluster }],
      users: [{ name: "pod", user: { token } }],
    };
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  describe("where people log in by the realm", () => {
    let keycloak: KeycloakServer;
    let plane: ControlPlane;
    let kubectl: string;
    let hub: RunningHub;

    beforeAll(async () => {
      const tools = await ensureToolchain();
      kubectl = tools.path("kubectl");
      plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
      stops.push(() => plane.stop());
      prepareNamespace();
      keycloak = await startRealm();
      stops.push(() => keycloak.stop());
      const authority = await makeAuthority("authority of this test");
      const front = await Front.start();
      stops.push(() => front.stop());
      front.behaviour.routes.set("localhost", keycloak.url);
      front.behaviour.certificates.set("localhost", await issue(authority, { names: ["localhost"], ...validNow }));
      const file = join(folder, "ca.crt");
      writeFileSync(file, authority.certificate);
      // What browsers open stays; what the hub itself asks for lies on this machine, under a certificate of that authority.
      const endpoint = "realms/datalab/protocol/openid-connect";
      const own = (path: string): [string, string] => [
        `"${identity}/${endpoint}/${path}"`,
        `"https://localhost:${front.httpsPort}/${endpoint}/${path}"`,
      ];
      hub = await RunningHub.start(programs, join(folder, "realm"), {
        ...{ settings, access, authority: file, kubeconfig: kubeconfigOf("hub") },
        elsewhere: Object.fromEntries([own("token"), own("userinfo")]),
      });
      stops.push(() => hub.stop());
    }, 900_000);

    const admin = (args: readonly string[], input = "") =>
      execFileSync(kubectl, ["--kubeconfig", plane.kubeconfig, ...args], { input, encoding: "utf8" });
    const get = (kind: string, name: string) =>
      JSON.parse(admin(["-n", namespace, "get", kind, name, "-o", "json"])) as Record<string, Record<string, unknown>>;

    function prepareNamespace() {
      const object = (apiVersion: string, kind: string, args: object) => ({ apiVersion, kind, ...args });
      const rbac = "rbac.authorization.k8s.io/v1";
      const items = [
        object("v1", "Namespace", namespaceArgs(namespace)),
        object("v1", "ServiceAccount", { metadata: { name: "hub", namespace } }),
        object("v1", "ServiceAccount", { metadata: { name: "default", namespace } }),
        object(rbac, "Role", hubRole()),
        object(rbac, "RoleBinding", hubRoleBinding()),
        object("v1", "ResourceQuota", serversQuota(settings)),
        object("v1", "ResourceQuota", homesQuota(settings)),
        object("v1", "LimitRange", limitRange(settings)),
      ];
      admin(
        ["apply", "--server-side", "--force-conflicts", "-f", "-"],
        JSON.stringify({ apiVersion: "v1", kind: "List", items }),
      );
    }

    function kubeconfigOf(account: string): string {
      const token = admin(["-n", namespace, "create", "token", account, "--duration=2h"]).trim();
      const { clusters } = JSON.parse(admin(["config", "view", "--raw", "--minify", "-o", "json"])) as {
        clusters: { cluster: object }[];
      };
      return writeKubeconfig(account, clusters[0]?.cluster ?? {}, token);
    }

    async function startRealm(): Promise<KeycloakServer> {
      const document = realmDocument(access, identitySettings.parse({ groups: ["research", "staff"] }));
      const server = await startKeycloak({
        distribution: await ensureKeycloak(),
        imports: { [importFileName(document)]: importFile(document) },
        environment: {
          ...keycloakEnvironment({ url: identity, replicas: 1 }),
          KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
          KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: adminSecret,
        },
      });
      // What the reconcile Job does.
      const api = new AdminApi(server.url, { id: reconcileClient, secret: adminSecret });
      for (const scope of document.clientScopes) await sent(api, "POST", "datalab/client-scopes", scope);
      const [client] = await api.get<{ id: string }[]>("datalab/clients?clientId=notebooks");
      const path = `datalab/clients/${client?.id ?? ""}`;
      await sent(api, "PUT", path, {
        ...document.clients.find(({ clientId }) => clientId === "notebooks"),
        secret: clientSecret,
      });
      for (const { id, name } of await api.get<{ id: string; name: string }[]>("datalab/client-scopes")) {
        if (document.clientScopes.some((scope) => scope.name === name)) {
          await sent(api, "PUT", `${path}/default-client-scopes/${id}`);
        }
      }
      for (const [username, groups] of Object.entries({ alice: ["/staff"], dave: ["/research"], eve: [] })) {
        await sent(api, "POST", "datalab/users", {
          ...{ username, email: `${username}@example.test`, firstName: username, lastName: "Test", groups },
          ...{ emailVerified: true, enabled: true, credentials: [{ type: "password", value: password }] },
        });
      }
      return server;
    }

    /** A person in front of hub and realm, after the login. */
    async function logIn(username: string): Promise<{ readonly browser: Browser; readonly page: Page }> {
      const browser = new Browser(hub.endpoint, address);
      const realm = new Browser(keycloak.url, identity);
      const sentTo = (await browser.open("/hub/oauth_login")).redirectedTo;
      expect(sentTo?.searchParams.get("code_challenge_method")).toBe("S256");
      const form = await realm.open(String(sentTo));
      const back = (await realm.submit(form, { username, password })).redirectedTo;
      return { browser, page: await browser.open(String(back)) };
    }

    it("starts without a word about its configuration", async () => {
      await until(() => {
        expect(hub.log).toContain("JupyterHub is now running");
      });
      expect(hub.log.split("\n").filter((line) => complaint.test(line))).toEqual([]);
    });

    it("lets members of the group in, and administrators by theirs; nobody else", async () => {
      const dave = await logIn("dave");
      expect(dave.page.html).toContain("Server Options");
      expect((await dave.browser.open("/hub/admin")).html).toContain("403");
      const alice = await logIn("alice");
      expect((await alice.browser.open("/hub/admin")).html).not.toContain("403");
      const eve = await logIn("eve");
      expect(eve.page.html).toContain("403");
      expect((await eve.browser.open("/hub/home")).html).not.toContain("/hub/logout");
    }, 120_000);

    it("takes the right away with the group, at the next login", async () => {
      const api = new AdminApi(keycloak.url, { id: reconcileClient, secret: adminSecret });
      const idOf = async (path: string) => (await api.get<{ id: string }[]>(path))[0]?.id ?? "";
      const alice = await idOf("datalab/users?username=alice&exact=true");
      const staff = await idOf("datalab/groups?search=staff");
      const research = await idOf("datalab/groups?search=research");
      await sent(api, "DELETE", `datalab/users/${alice}/groups/${staff}`);
      await sent(api, "PUT", `datalab/users/${alice}/groups/${research}`);
      const { browser, page } = await logIn("alice");
      expect(page.html).toContain("Server Options");
      expect((await browser.open("/hub/admin")).html).toContain("403");
    }, 60_000);

    it("makes a server that the namespace's rules let in, with a home that outlives it", async () => {
      const { browser, page } = await logIn("dave");
      await browser.submit(page, { profile: "standard" });
      const pod = await until(() => get("pod", "jupyter-dave"));
      expect(pod).toMatchObject({
        metadata: { labels: { "app.kubernetes.io/name": "user-server", "app.kubernetes.io/part-of": "datalab" } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          tolerations: expect.arrayContaining([
            { key: "datalab.dev/elastic", operator: "Equal", value: "true", effect: "NoSchedule" },
          ]) as unknown,
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                {
                  weight: 50,
                  preference: { matchExpressions: [{ key: "datalab.dev/elastic", operator: "In", values: ["true"] }] },
                },
              ],
            },
          },
          volumes: expect.arrayContaining([
            { name: "home", persistentVolumeClaim: { claimName: "claim-dave" } },
          ]) as unknown,
        },
      });
      expect(get("persistentvolumeclaim", "claim-dave")).toMatchObject({
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
      });
      expect(get("resourcequota", "user-server")).toMatchObject({ status: { used: { pods: "1" } } });
      admin(["-n", namespace, "delete", "pod", "jupyter-dave", "--wait=true"]);
      get("persistentvolumeclaim", "claim-dave");
    }, 120_000);

    it("may do no more than that", () => {
      const may = (verb: string, resource: string, ...where: string[]) => {
        try {
          return admin([
            "auth",
            "can-i",
            verb,
            resource,
            "--as",
            `system:serviceaccount:${namespace}:hub`,
            ...where,
          ]).trim();
        } catch {
          return "no";
        }
      };
      const here = ["-n", namespace];
      expect(may("create", "pods", ...here)).toBe("yes");
      expect(["secrets", "configmaps", "services", "serviceaccounts"].map((kind) => may("get", kind, ...here))).toEqual(
        [...["no", "no", "no", "no"]],
      );
      expect([may("create", "pods", "-n", "default"), may("create", "pods", ...here, "--subresource=exec")]).toEqual([
        "no",
        "no",
      ]);
    });
  });

  describe("where people sign up", () => {
    let hub: RunningHub;

    beforeAll(async () => {
      hub = await RunningHub.start(programs, join(folder, "signup"), {
        settings: signup,
        access: accessModel({ domain: "example.test", realm: "datalab" }),
        // Every page asks the spawner where its cluster is. None is needed here.
        kubeconfig: writeKubeconfig("none", { server: "https://127.0.0.1:1" }, "none"),
      });
      stops.push(() => hub.stop());
    }, 120_000);

    const logIn = async (username: string, secret: string) => {
      const browser = new Browser(hub.endpoint, address);
      const opened = await browser.open("/hub/login");
      // A person takes longer than a second, for which even a form without its cookie is taken.
      await new Promise((done) => setTimeout(done, 1100));
      const page = await browser.submit(opened, { username, password: secret });
      return { browser, page };
    };
    const signUp = async (username: string, secret: string) => {
      const browser = new Browser(hub.endpoint, address);
      const form = await browser.open("/hub/signup");
      // The form's own address is that of its page.
      const page = { ...form, html: form.html.replace('action=""', 'action="/hub/signup"') };
      return browser.submit(page, { username, signup_password: secret, signup_password_confirmation: secret });
    };

    it("starts without a word about its configuration", () => {
      // The authenticator's own way to the database, which no configuration names.
      const known = "The shared database session at Authenticator.db is deprecated";
      const lines = hub.log.split("\n").filter((line) => complaint.test(line) && !line.includes(known));
      expect(lines).toEqual([]);
    });

    it("has the first administrator already: nobody takes the name, and the password opens", async () => {
      await signUp("boss", "the password of a thief");
      expect((await logIn("boss", "the password of a thief")).page.html).toContain("Invalid username or password");
      const { browser } = await logIn("boss", administratorPassword);
      expect((await browser.open("/hub/authorize")).html).toContain("Authorization area");
    }, 60_000);

    it("keeps whoever signs up waiting until the administrator lets them in", async () => {
      await signUp("carol", "the password of carol");
      expect((await logIn("carol", "the password of carol")).page.html).toContain(
        "has not been authorized by an administrator yet",
      );
      const { browser } = await logIn("boss", administratorPassword);
      await browser.open("/hub/authorize/carol");
      expect((await logIn("carol", "the password of carol")).page.html).not.toContain(
        "has not been authorized by an administrator yet",
      );
    }, 60_000);

    it("knows people again when it has been away", async () => {
      await hub.stopHub();
      await hub.startHub();
      const { browser } = await logIn("boss", administratorPassword);
      expect((await browser.open("/hub/authorize")).html).toContain("carol");
    }, 60_000);
  });
});

/** What is there in the end. */
async function until<T>(look: () => T): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return look();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}
