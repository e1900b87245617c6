/** The stand-ins for Onyxia's images with the real Keycloak, object store and API server that they will stand beside. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type RequestListener, request, type Server } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { freePorts } from "../../testbed/control-plane/ports.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureHelm } from "../../testbed/helm/helm.ts";
import { ensureKeycloak, keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { type KeycloakServer, startKeycloak } from "../../testbed/keycloak/server.ts";
import { ensureMinio } from "../../testbed/minio/minio.ts";
import {
  type Configuration,
  first,
  type S3,
  storageLogin,
} from "../../testbed/stand-ins/onyxia-web/pages/configuration.ts";
import { ObjectStore } from "../../testbed/stand-ins/onyxia-web/pages/object-store.ts";
import {
  authorizationRequest,
  claimsOf as pageClaimsOf,
  discover,
  finishLogin,
  type OidcSettings,
  type PendingLogin,
  type Provider,
  refresh,
  type Tokens,
} from "../../testbed/stand-ins/onyxia-web/pages/oidc.ts";
import { assumeRole } from "../../testbed/stand-ins/onyxia-web/pages/sts.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { type AccessModel, accessModel } from "../../components/access/access-model.ts";
import { serverEnvironment as keycloakEnvironment } from "../../components/identity/keycloak-environment.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName } from "../../components/identity/realm-files.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { caBundleKey } from "../../components/kubernetes/ca-bundle.ts";
import { ownBucketPolicy } from "../../components/object-store/bucket-policy.ts";
import { secretEnvironment, serverArguments, serverEnvironment } from "../../components/object-store/server.ts";
import { minioSettings } from "../../components/object-store/settings.ts";
import { setupScript } from "../../components/object-store/setup-job.ts";
import { apiPod } from "../../components/portal/api-pod.ts";
import type { Catalog } from "../../components/portal/catalogs.ts";
import { apiEnvironment, webEnvironment } from "../../components/portal/environment.ts";
import { portalPolicyName } from "../../components/portal/portal-policy.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { AdminApi, Browser } from "../support/keycloak.ts";
import { RunningObjectStore } from "../support/object-store.ts";
import { hosts, objectStore, openHosts, privateHosts, regionInputs } from "../support/portal.ts";
import { clusterRules, workspaceContents } from "../support/workspaces.ts";

// Each start is a process, and the machine may be busy.
jest.setTimeout(120_000);

const unavailable = keycloakUnavailable();
const describeWithJava = unavailable === undefined ? describe : describe.skip;

const bench = join(import.meta.dirname, "../../testbed/stand-ins");
const secret = "s3cret-of-this-test";
const password = "a-long-Password-1";

let folder: string;
/** The platform's authority and server in one: a certificate for localhost. */
let platform: Certificate;
let identity: Front;
let charts: Front;
let keycloak: KeycloakServer;
let access: AccessModel;
let helmFolder: string;
let javaHome: string;
let trustStore: string;
const running: (() => Promise<void> | void)[] = [];

describeWithJava(`the stand-ins${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "datalab-stand-ins-"));
    platform = certificate("platform", "dns:localhost,ip:127.0.0.1");
    javaHome = runtime();
    trustStore = runInitContainer([certificate("another", "dns:another.test").pem, platform.pem]);
    identity = await Front.start(platform);
    charts = await Front.start(platform);
    charts.answers["/index.yaml"] =
      "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    urls: [a-1.0.0.tgz]\n";
    helmFolder = dirname(await ensureHelm());
    access = accessOn(identity.url);
    keycloak = await startRealm();
    identity.target = keycloak.url;
    setDefaultCACertificates([...getCACertificates("default"), platform.pem]);
  }, 900_000);

  afterAll(async () => {
    for (const stop of running.toReversed()) await stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  describe("the API", () => {
    const apis: Api[] = [];
    const start = async (change: Environment = {}) => {
      const api = await Api.start(change);
      apis.push(api);
      return api;
    };
    afterEach(async () => {
      for (const api of apis.splice(0)) await api.stop();
    });

    it("starts with the platform's environment and trust store, and says what the portal needs", async () => {
      const api = await start();
      await api.becomes(200);
      const configuration = (await api.json("/public/configuration")) as Configuration;
      expect(configuration.oidcConfiguration).toMatchObject({ issuerURI: access.issuerUrl, clientID: "onyxia" });
      expect(first(configuration.regions[0]?.data?.S3)?.sts?.oidcConfiguration).toEqual({ clientID: "onyxia-minio" });
      expect(await api.json("/public/catalogs")).toMatchObject({
        catalogs: [{ id: "own", catalog: { latestPackages: { a: { version: "1.0.0" } } } }],
      });
      expect(await api.status("/user/info")).toBe(401);
      expect(await api.status("/actuator/health")).toBe(200);
    });

    it.each<[string, string, () => Environment]>([
      ["an authority that is not trusted", "trust: .* not trusted", () => ({ JAVA_TOOL_OPTIONS: "" })],
      [
        "a trust store that is missing",
        "trust: .*missing cannot be read",
        () => ({ JAVA_TOOL_OPTIONS: "-Djavax.net.ssl.trustStore=/missing" }),
      ],
      [
        "a trust store that opens with a password only",
        "trust: no certificate can be read",
        () => ({ JAVA_TOOL_OPTIONS: `-Djavax.net.ssl.trustStore=${platform.store}` }),
      ],
      ["an issuer with a slash at the end", "issuer: .* names ", () => ({ "oidc.issuer-uri": `${access.issuerUrl}/` })],
      [
        "an issuer under another name",
        "issuer: .* names https://localhost",
        () => ({ "oidc.issuer-uri": access.issuerUrl.replace("localhost", "127.0.0.1") }),
      ],
      ["a realm that is missing", "issuer: .* 404", () => ({ "oidc.issuer-uri": `${identity.url}/realms/other` })],
      ["a Keycloak that is down", "issuer: .* refuses", () => ({ "oidc.issuer-uri": "https://localhost:1/realms/a" })],
      ["a region without its kind", "region: .*type is missing", () => ({ regions: '[{"id":"a","services":{}}]' })],
      [
        "a catalogue with an unknown key",
        "catalogue: .*a key",
        () => ({ catalogs: '[{"id":"a","location":"https://a","status":"PROD","url":"b"}]' }),
      ],
      ["a folder of authorities that cannot be read", "trust: ", () => ({ CACERTS_DIR: platform.store })],
    ])("does not start with %s", async (_, line, change) => {
      const api = await start(change());
      expect(await api.exit).toBe(1);
      expect(api.log.trim().split("\n").at(-1)).toMatch(new RegExp(`^onyxia-api does not start: ${line}`));
    });

    it.each<[string, string, { san: string; more?: string[] }]>([
      ["is for other hosts", "trust: .* for other hosts", { san: "dns:another.test" }],
      ["has expired", "trust: .* expired", { san: "dns:localhost", more: ["-startdate", "-9d", "-validity", "2"] }],
    ])("does not start with a certificate that %s", async (name, line, { san, more }) => {
      const bad = certificate(name.replaceAll(" ", "-"), san, more);
      const front = await Front.start(bad);
      const issuer = { "oidc.issuer-uri": `${front.url}/realms/datalab` };
      const store = `-Djavax.net.ssl.trustStore=${runInitContainer([bad.pem])}`;
      const api = await start({ ...issuer, JAVA_TOOL_OPTIONS: store });
      expect(await api.exit).toBe(1);
      expect(api.log).toMatch(new RegExp(`does not start: ${line}`));
    });

    it("is alive but not ready as long as one catalogue fails, and names it", async () => {
      const { "/index.yaml": index = "" } = charts.answers;
      delete charts.answers["/index.yaml"];
      const api = await start();
      await api.logs(/catalogue: catalogue own: helm says .*index\.yaml.* 404/);
      expect([await api.status("/public/healthcheck"), await api.status("/actuator/health")]).toEqual([500, 200]);
      charts.answers["/index.yaml"] = index;
      await api.becomes(200);
    });

    it("is not ready with a chart that has no address: the real one is not either", async () => {
      const { "/index.yaml": index = "" } = charts.answers;
      charts.answers["/index.yaml"] = index.replace(/ {4}urls.*\n/, "");
      const api = await start();
      await api.logs(/catalogue: own: .* a 1\.0\.0 has no urls/);
      expect(await api.status("/public/healthcheck")).toBe(500);
      charts.answers["/index.yaml"] = index;
      await api.becomes(200);
    });

    it("does not start without helm", async () => {
      const api = await start({ PATH: dirname(process.execPath) });
      expect(await api.exit).toBe(1);
      expect(api.log).toMatch(/onyxia-api does not start: helm: it cannot be started/);
    });

    it("needs the authority of a catalogue for helm as well", async () => {
      const api = await start({ catalogs: JSON.stringify([{ ...catalog(), caFile: undefined }]) });
      await api.logs(/trust: catalogue own: helm says .*x509/);
      expect(await api.status("/public/healthcheck")).toBe(500);
    });

    it("is not ready when helm's home cannot be written", async () => {
      // Nobody can make a folder there, not even root.
      const api = await start({ HOME: "/proc/no-home" });
      await api.logs(/files: catalogue own: helm says .*no-home/);
      await api.becomes(500);
    });

    it("accepts the tokens of its own client and no others", async () => {
      const api = await start();
      const portal = (await login("alice", portalLogin())).tokens;
      expect(await api.json("/user/info", portal.access_token)).toMatchObject({
        idep: "alice",
        nomComplet: "Alice Example",
        projects: [{ id: "user-alice", namespace: "user-alice" }],
      });
      const storage = (await login("alice", { ...portalLogin(), clientID: "onyxia-minio" })).tokens;
      const [header, body, signature] = portal.access_token.split(".");
      const claims = { ...pageClaimsOf(portal.access_token), preferred_username: "bob" };
      const changed = Buffer.from(JSON.stringify(claims)).toString("base64url");
      const foreign = {
        "of the storage's client": storage.access_token,
        "of another realm": await masterToken(),
        changed: [header, changed, signature].join("."),
        "without a signature": `${String(header)}.${String(body)}.`,
      };
      for (const [which, token] of Object.entries(foreign)) {
        expect([which, await api.status("/user/info", token)]).toEqual([which, 401]);
      }
      expect(await api.status("/my-lab/services", portal.access_token, { "onyxia-project": "user-bob" })).toBe(403);
    });

    it("streams events once the API server has begun a watch, and for as long as it goes on", async () => {
      const server = await Front.start(platform);
      const api = await start({ KUBECONFIG: kubeconfigFor(server.url, platform.pem, "token") });
      const token = (await login("alice", portalLogin())).tokens.access_token;
      expect(await api.status("/my-lab/events", token)).toBe(500);
      server.answers["/api/v1/namespaces/user-alice"] = "{}";
      const events = [{ reason: "Pulled" }, { reason: "Started" }];
      server.answers["/api/v1/namespaces/user-alice/events?watch=true"] = events
        .map((object) => `${JSON.stringify({ type: "ADDED", object })}\n`)
        .join("");
      expect(await (await api.get("/my-lab/events", token)).text()).toBe(
        'data:{"reason":"Pulled"}\n\ndata:{"reason":"Started"}\n\n',
      );
    });

    describe("with a real API server", () => {
      let plane: ControlPlane;
      let kubeconfig: string;
      let admin: (args: readonly string[], input?: string) => string;

      beforeAll(async () => {
        const tools = await ensureToolchain();
        plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
        running.push(() => plane.stop());
        admin = (args, input = "") => done(tools.path("kubectl"), ["--kubeconfig", plane.kubeconfig, ...args], input);
        admin(["create", "namespace", "datalab-portal"]);
        admin(["-n", "datalab-portal", "create", "serviceaccount", "onyxia-api"]);
        const items = clusterRules();
        admin(["apply", "--server-side", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
        const account = "system:serviceaccount:datalab-portal:onyxia-api";
        await inForce(() => admin(["create", "namespace", "probe", "--dry-run=server", "--as", account]));
        kubeconfig = accountKubeconfig(plane, admin(["-n", "datalab-portal", "create", "token", "onyxia-api"]));
      }, 300_000);

      it("makes a user's namespace, quota and binding with the portal's own rights, again and again", async () => {
        const api = await start({ KUBECONFIG: kubeconfig });
        const token = (await login("alice", portalLogin())).tokens.access_token;
        expect(await api.post("/onboarding", token, {})).toBe(200);
        expect(await api.post("/onboarding", token, {})).toBe(200);
        const labels = admin(["get", "namespace", "user-alice", "-o", "jsonpath={.metadata.labels}"]);
        expect(JSON.parse(labels)).toMatchObject({ onyxia_owner: "alice", "datalab.dev/workspace": "true" });
        expect(admin(["auth", "can-i", "create", "pods", "-n", "user-alice", "--as", "oidc-alice"]).trim()).toBe("yes");
        const until = Date.now() + 30_000;
        while (!JSON.stringify(await api.json("/my-lab/quota", token)).includes('"count/pods":"30"')) {
          if (Date.now() > until) throw new Error(JSON.stringify(await api.json("/my-lab/quota", token)));
          await sleep(100);
        }
        expect(await api.post("/onboarding", token, { group: "others" })).toBe(403);
      });

      it("hands over a namespace's events as they happen", async () => {
        const api = await start({ KUBECONFIG: kubeconfig });
        const token = (await login("alice", portalLogin())).tokens.access_token;
        expect(await api.post("/onboarding", token, {})).toBe(200);
        // The launcher gives the portal its rights there.
        const items = workspaceContents("user-alice");
        admin(["apply", "--server-side", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
        const events = await api.get("/my-lab/events", token);
        expect(events.status).toBe(200);
        const involvedObject = { apiVersion: "v1", kind: "Namespace", name: "user-alice", namespace: "user-alice" };
        const metadata = { name: "tested", namespace: "user-alice" };
        const event = { apiVersion: "v1", kind: "Event", metadata, involvedObject, reason: "Tested", type: "Normal" };
        admin(["create", "-f", "-"], JSON.stringify(event));
        let text = "";
        for await (const part of events.body ?? []) {
          text += Buffer.from(part as Uint8Array).toString();
          if (text.endsWith("\n\n") && text.includes('"reason":"Tested"')) break;
        }
        expect(text).toMatch(/^data:\{/);
      });

      it("is refused a namespace that the policy does not allow", async () => {
        const regions = JSON.parse(environment().regions ?? "") as [{ services: Record<string, unknown> }];
        regions[0].services["namespacePrefix"] = "team-";
        const api = await start({ KUBECONFIG: kubeconfig, regions: JSON.stringify(regions) });
        const token = (await login("alice", portalLogin())).tokens.access_token;
        expect(await api.post("/onboarding", token, {})).toBe(500);
        expect(admin(["get", "namespaces", "-o", "name"])).not.toContain("team-alice");
      });
    });
  });

  describe("the page's steps", () => {
    let store: RunningObjectStore;
    let s3: S3;

    beforeAll(async () => {
      const settings = minioSettings.parse({ kind: "minio", credentialsLifetime: "2h" });
      const inputs = { hosts, access, realm: { issuerUrl: access.issuerUrl }, publicHosts: openHosts, settings };
      const values: Record<string, string> = { rootUser: "root-user", rootPassword: secret, tokenSecret: secret };
      const secrets = Object.entries(secretEnvironment).map(([name, key]): [string, string] => [
        name,
        values[key] ?? "",
      ]);
      const ca = join(folder, "store-ca.crt");
      writeFileSync(ca, platform.pem);
      store = await RunningObjectStore.start(await ensureMinio(), {
        args: serverArguments(settings),
        environment: { ...serverEnvironment(inputs), ...Object.fromEntries<string>(secrets), SSL_CERT_FILE: ca },
      });
      running.push(() => store.stop());
      await store.waitFor("/minio/health/cluster/read", 200);
      const outcome = await store.script(setupScript, {
        ROOT_USER: "root-user",
        ROOT_PASSWORD: secret,
        STORE: store.endpoint.replace("http://", ""),
        POLICY_NAME: access.objectStore.policyName,
        POLICY_FILE: store.file("policy.json", JSON.stringify(ownBucketPolicy(access))),
      });
      expect(outcome).toMatchObject({ code: 0 });
      const api = await Api.start({ regions: regionsWith(store.endpoint) });
      running.push(() => api.stop());
      const configuration = (await api.json("/public/configuration")) as Configuration;
      s3 = first(configuration.regions[0]?.data?.S3)!;
    }, 900_000);

    it("lead from the configuration to the own bucket, and to nobody else's", async () => {
      const { tokens } = await login("alice", storageLogin(portalLogin(), s3.sts!));
      const credentials = await assumeRole(s3, tokens.access_token);
      const seconds = (credentials.expiration.getTime() - Date.now()) / 1000;
      expect(Math.abs(seconds - 7200)).toBeLessThan(60);
      const alice = new ObjectStore(s3, () => Promise.resolve(credentials));
      await expect(alice.list("user-alice")).rejects.toMatchObject({ status: 404, code: "NoSuchBucket" });
      await alice.createBucket("user-alice");
      const key = "notes/a b+ç(1)'*.txt";
      await alice.upload("user-alice", key, "hello");
      expect(await alice.list("user-alice")).toMatchObject([{ key, size: 5 }]);
      expect(await (await alice.download("user-alice", key)).text()).toBe("hello");
      expect(await alice.buckets()).toEqual(["user-alice"]);
      const refusal = { status: 403, code: "AccessDenied" };
      await expect(alice.list("user-bob")).rejects.toMatchObject({ ...refusal, step: "list" });
      await expect(alice.createBucket("user-bob")).rejects.toMatchObject({ ...refusal, step: "create-bucket" });
      await alice.delete("user-alice", key);
      await alice.deleteBucket("user-alice");
    });

    it("are refused with the portal's own token", async () => {
      const { tokens } = await login("alice", portalLogin());
      await expect(assumeRole(s3, tokens.access_token)).rejects.toMatchObject({ status: 400, step: "credentials" });
    });

    it("renew the tokens, and accept no login that was begun elsewhere", async () => {
      const { provider, tokens, pending } = await login("alice", portalLogin());
      const renewed = await refresh(provider, portalLogin(), tokens);
      expect(pageClaimsOf(renewed.access_token)).toMatchObject({ preferred_username: "alice" });
      const sent = new URLSearchParams({ state: "another", code: "any" });
      await expect(finishLogin(provider, pending, sent)).rejects.toMatchObject({ code: "state" });
      const denied = new URLSearchParams({ state: pending.state, error: "login_required" });
      await expect(finishLogin(provider, pending, denied)).rejects.toMatchObject({ code: "login_required" });
      const again = new URLSearchParams({ state: pending.state, code: "any" });
      await expect(finishLogin(provider, pending, again)).rejects.toMatchObject({ step: "token", status: 400 });
    });

    it("want the issuer under its own name", async () => {
      const other = access.issuerUrl.replace("localhost", "127.0.0.1");
      await expect(discover(other)).rejects.toMatchObject({ step: "discovery", code: "issuer" });
    });
  });

  it("the web server answers every path with its page, and scripts as scripts", async () => {
    const [port = 0] = await freePorts(1);
    const child = run("onyxia-web", [join(folder, "html"), String(port)], webEnvironment(portalSettings.parse({})));
    running.push(() => ended(child));
    await answersOn(`http://127.0.0.1:${port}/`, child);
    const get = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
    const index = await get("/");
    expect(index.headers.get("content-security-policy")).toContain("frame-ancestors 'self'");
    expect(await (await get("/my-files/user-alice?a=b")).text()).toBe(await index.text());
    expect((await get("/app.ts")).headers.get("content-type")).toContain("javascript");
    expect((await get("/..%2f..%2fetc%2fpasswd")).headers.get("content-type")).toContain("html");
    expect((await get("/", "POST")).status).toBe(405);
  });
});

type Environment = Readonly<Record<string, string>>;

interface Certificate {
  readonly pem: string;
  /** PKCS#12 file with key and certificate. */
  readonly store: string;
}

/** A certificate that is its own authority, in a store with the password `changeit`. */
function certificate(name: string, san: string, more: readonly string[] = ["-validity", "3650"]): Certificate {
  const store = join(folder, `${name}.p12`);
  const access = ["-storetype", "PKCS12", "-storepass", "changeit", "-keystore", store, "-alias", "server"];
  const key = ["-keyalg", "EC", "-groupname", "secp256r1", "-dname", `CN=${name}`, "-ext", `san=${san}`];
  done("keytool", ["-genkeypair", ...access, ...key, "-ext", "bc=ca:true", ...more]);
  return { store, pem: done("keytool", ["-exportcert", "-rfc", ...access]) };
}

/** A Java runtime as in the image: its own `keytool`, and a trust store with somebody's certificate. */
function runtime(): string {
  const home = join(folder, "java");
  mkdirSync(join(home, "lib/security"), { recursive: true });
  const program = done("sh", ["-c", "command -v keytool"]).trim();
  symlinkSync(dirname(realpathSync(program)), join(home, "bin"));
  const publicCa = join(folder, "public.crt");
  writeFileSync(publicCa, certificate("public", "dns:public.test").pem);
  const store = ["-keystore", join(home, "lib/security/cacerts"), "-storetype", "JKS", "-storepass", "changeit"];
  done("keytool", ["-importcert", "-noprompt", ...store, "-alias", "public", "-file", publicCa]);
  return home;
}

/** Runs the pod's own init container on a bundle; its folders are below the test's. */
function runInitContainer(bundle: readonly string[]): string {
  const place = mkdtempSync(join(folder, "pod-"));
  const [mounts, trust] = [join(place, "ca"), join(place, "store")];
  for (const path of [mounts, trust]) mkdirSync(path);
  writeFileSync(join(mounts, caBundleKey), bundle.join(""));
  const pod = apiPod({
    image: "any",
    resources: { cpu: "1", memory: "1Gi" },
    publicHosts: privateHosts(),
    calledHosts: [],
    schemaPaths: [],
  });
  const [container] = pod.initContainers as { command: string[] }[];
  const [program = "", flag = "", script = ""] = container?.command ?? [];
  const placed = script.replaceAll("/trust", trust).replaceAll("/usr/local/share/ca-certificates", mounts);
  done(program, [flag, placed], "", { JAVA_HOME: javaHome });
  return join(trust, "cacerts");
}

function done(program: string, args: readonly string[], input = "", more: Environment = {}): string {
  const env = { ...process.env, ...more };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", input, env, timeout: 60_000 });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** The API server takes a moment to read a new policy. */
async function inForce(attempt: () => string): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    try {
      attempt();
    } catch (error) {
      if (String(error).includes(portalPolicyName)) return;
    }
    if (Date.now() > until) throw new Error(`${portalPolicyName} is not in force`);
    await sleep(100);
  }
}

/** The ingress controller's part: TLS in front of one server, or of a few texts. */
class Front {
  readonly url: string;
  /** Server behind it. */
  target: string | undefined;
  readonly answers: Record<string, string> = {};

  private constructor(port: number) {
    this.url = `https://localhost:${port}`;
  }

  static async start({ store }: Certificate): Promise<Front> {
    const handle: RequestListener = (incoming, response) => {
      const { method, url = "", headers } = incoming;
      const answer = front.answers[url];
      if (front.target === undefined) {
        response.writeHead(answer === undefined ? 404 : 200).end(answer);
        return;
      }
      const forwarded = { "x-forwarded-proto": "https", "x-forwarded-host": headers.host ?? "" };
      const onward = { ...(method === undefined ? {} : { method }), headers: { ...headers, ...forwarded } };
      const upstream = request(front.target + url, onward, (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      });
      upstream.on("error", () => response.writeHead(502).end());
      incoming.pipe(upstream);
    };
    const server: Server = createServer({ pfx: readFileSync(store), passphrase: "changeit" }, handle);
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const front = new Front((server.address() as AddressInfo).port);
    running.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return front;
  }
}

/** The platform's model, with Keycloak's address on this machine. */
function accessOn(identityUrl: string): AccessModel {
  return { ...accessModel({ domain: "example.test", realm: "datalab" }), issuerUrl: `${identityUrl}/realms/datalab` };
}

async function startRealm(): Promise<KeycloakServer> {
  const document = realmDocument(access, identitySettings.parse({}));
  const server = await startKeycloak({
    distribution: await ensureKeycloak(),
    imports: { [importFileName(document)]: importFile(document) },
    environment: {
      ...keycloakEnvironment({ url: identity.url, replicas: 1 }),
      KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
      KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: secret,
    },
  });
  running.push(() => server.stop());
  const admin = new AdminApi(server.url, { id: reconcileClient, secret });
  const user = {
    username: "alice",
    firstName: "Alice",
    lastName: "Example",
    email: "alice@example.org",
    enabled: true,
    credentials: [{ type: "password", value: password, temporary: false }],
  };
  expect((await admin.send("POST", "datalab/users", user)).status).toBe(201);
  return server;
}

async function masterToken(): Promise<string> {
  const response = await fetch(`${identity.url}/realms/master/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials", client_id: reconcileClient, client_secret: secret }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

function portalLogin(): OidcSettings {
  return { issuerURI: access.issuerUrl, clientID: "onyxia", scope: "openid profile email" };
}

interface Login {
  readonly provider: Provider;
  readonly tokens: Tokens;
  readonly pending: PendingLogin;
}

/** The page's own code, with a person in front of Keycloak's form. */
async function login(username: string, settings: OidcSettings): Promise<Login> {
  const provider = await discover(settings.issuerURI);
  const { url, pending } = await authorizationRequest(provider, settings, access.portal.rootUrl, false);
  const person = new Browser(keycloak.url, identity.url);
  const page = await person.submit(await person.open(url), { username, password });
  if (page.redirectedTo === undefined) throw new Error(page.html);
  return { provider, pending, tokens: await finishLogin(provider, pending, page.redirectedTo.searchParams) };
}

function catalog(): Catalog {
  return {
    id: "own",
    name: "Own",
    location: charts.url,
    status: "PROD",
    type: "helm",
    highlightedCharts: [],
    excludedCharts: [],
    multipleServicesMode: "latest",
    caFile: caBundleKey,
  };
}

/** The ConfigMap's content. */
function environment(): Environment {
  const realm = { issuerUrl: access.issuerUrl, clients: { portal: "onyxia", objectStore: "onyxia-minio" } };
  return apiEnvironment({ ...regionInputs(), access, realm }, [catalog()]);
}

function regionsWith(endpoint: string): string {
  const sts = { url: endpoint, durationSeconds: 7200, roleArn: "", roleSessionName: "" };
  const store = { ...objectStore, endpoint, sts };
  const { regions } = apiEnvironment({ ...regionInputs(), access, objectStore: store }, []);
  return regions ?? "";
}

function accountKubeconfig(plane: ControlPlane, token: string): string {
  const text = readFileSync(plane.kubeconfig, "utf8");
  const { clusters } = JSON.parse(text) as { clusters: [{ cluster: Readonly<Record<string, string>> }] };
  const { server = "", "certificate-authority-data": ca = "" } = clusters[0].cluster;
  return kubeconfigFor(server, Buffer.from(ca, "base64").toString(), token);
}

function kubeconfigFor(server: string, authority: string, token: string): string {
  const place = mkdtempSync(join(folder, "account-"));
  const [ca, tokenFile, kubeconfig] = [join(place, "ca.crt"), join(place, "token"), join(place, "kubeconfig")];
  writeFileSync(ca, authority);
  writeFileSync(tokenFile, token);
  const cluster = { server, "certificate-authority": ca };
  writeFileSync(kubeconfig, JSON.stringify({ clusters: [{ cluster }], users: [{ user: { tokenFile } }] }));
  return kubeconfig;
}

function run(name: string, args: readonly string[], env: Environment): ChildProcess {
  return spawn(process.execPath, [join(bench, name, "main.ts"), ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await end;
}

async function answersOn(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + 60_000;
  while ((await fetch(url).catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`nothing answers on ${url}`);
    await sleep(50);
  }
}

/** A running API, or one that has refused to run. */
class Api {
  readonly exit: Promise<number | null>;
  log = "";
  readonly #url: string;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.#url = `http://127.0.0.1:${port}/api`;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    }
    this.exit = new Promise((resolve) => child.once("close", resolve));
  }

  /** As the pod would start it, with changes; returns when it listens or has ended. */
  static async start(change: Environment = {}): Promise<Api> {
    const [port = 0] = await freePorts(1);
    const place = mkdtempSync(join(folder, "api-"));
    const child = run("onyxia-api", [], {
      ...environment(),
      "catalogs.refresh.ms": "200",
      "server.port": String(port),
      PATH: `${helmFolder}:${process.env["PATH"] ?? ""}`,
      JAVA_HOME: javaHome,
      JAVA_TOOL_OPTIONS: `-Djavax.net.ssl.trustStore=${trustStore}`,
      CACERTS_DIR: join(dirname(dirname(trustStore)), "ca"),
      HOME: place,
      TMPDIR: place,
      ...change,
    });
    const api = new Api(port, child);
    await Promise.race([api.exit, api.logs(/ listens on /)]);
    return api;
  }

  async logs(pattern: RegExp): Promise<void> {
    const until = Date.now() + 60_000;
    while (!pattern.test(this.log)) {
      if (this.#child.exitCode !== null) return;
      if (Date.now() > until) throw new Error(`${String(pattern)} is not in the log:\n${this.log}`);
      await sleep(50);
    }
  }

  async becomes(status: number): Promise<void> {
    const until = Date.now() + 60_000;
    while ((await this.status("/public/healthcheck")) !== status) {
      if (Date.now() > until) throw new Error(this.log);
      await sleep(50);
    }
  }

  async status(path: string, token?: string, headers: Environment = {}): Promise<number> {
    return (await this.get(path, token, headers)).status;
  }

  async json(path: string, token?: string): Promise<unknown> {
    const response = await this.get(path, token);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  async post(path: string, token: string, body: object): Promise<number> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(this.#url + path, { method: "POST", headers, body: JSON.stringify(body) })).status;
  }

  async stop(): Promise<void> {
    await ended(this.#child);
  }

  get(path: string, token?: string, headers: Environment = {}): Promise<Response> {
    const authorization: Environment = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(this.#url + path, { headers: { ...authorization, ...headers } });
  }
}
