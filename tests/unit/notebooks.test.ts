import { beforeAll, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { accessModel } from "../../components/access/access-model.ts";
import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { stepsFor } from "../../commands/doctor/steps/all.ts";
import { clientsOf, confidentialClients } from "../../components/identity/clients.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { proxyOf } from "../../components/kubernetes/proxy.ts";
import { notebooksClientOf } from "../../components/notebooks/client.ts";
import { JupyterHub, type JupyterHubArgs } from "../../components/notebooks/jupyter-hub.ts";
import { notebooksSettings } from "../../components/notebooks/settings.ts";
import { planOf } from "../../stacks/plan.ts";
import { contextWith, minimal } from "../support/doctor-context.ts";
import { find, type Graph, type Registration, runGraph, secretMarker } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { objectStore, openHosts, privateHosts } from "../support/portal.ts";

const everyone = { login: "realm", access: { kind: "everyone" } };
const address = "https://jupyter.example.org";

function build(values: Record<string, unknown> = everyone, args: Partial<JupyterHubArgs> = {}) {
  const settings = notebooksSettings.parse(values);
  const notebooks = notebooksClientOf(settings, address);
  return runGraph(
    () =>
      new JupyterHub("notebooks", {
        host: "jupyter.example.org",
        ingressClassName: "nginx",
        publicHosts: openHosts,
        identityHost: "auth.example.org",
        access: accessModel({ domain: "example.org", realm: "datalab", notebooks }),
        clientSecret: pulumi.secret(`${secretMarker}-client`),
        apiServer: { cidrs: ["10.0.0.0/16"], ports: [6443] },
        objectStore,
        database: {
          ...{ workload: "hub-database", host: "hub-database.datalab-notebooks.svc", port: 5432 },
          ...{ database: "hub", username: "hub", passwordSecret: { name: "hub-database", key: "password" } },
        },
        settings,
        ...args,
      }),
  );
}

type Traits = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const outline = ({ type, name, dependencies }: Registration) =>
  `${type.split(":").at(-1) ?? ""} ${name} | ${dependencies.join(" ")}`;
const inputsOf = (graph: Graph<unknown>, name: string) =>
  graph.resources.find((resource) => resource.name === name)?.inputs ?? {};
const filesOf = (graph: Graph<unknown>) =>
  find(graph, "kubernetes:core/v1:ConfigMap", "notebooks-hub-config").inputs["data"] as Record<string, string>;
const configurationOf = (graph: Graph<unknown>) =>
  JSON.parse(filesOf(graph)["settings.json"]!) as { traits: Traits; authorities?: string[] };
const traitsOf = (graph: Graph<unknown>, section: string) => configurationOf(graph).traits[section] ?? {};

interface PodSpec {
  readonly containers: readonly [{ readonly env: readonly { readonly name: string; readonly valueFrom?: object }[] }];
  readonly hostAliases?: readonly object[];
  readonly volumes?: readonly object[];
}
const specOf = (graph: Graph<unknown>, name: string) =>
  find(graph, "kubernetes:apps/v1:Deployment", `notebooks-${name}-deployment`).inputs["spec"] as {
    replicas: number;
    strategy: object;
    template: { metadata: { annotations: Record<string, string> }; spec: PodSpec };
  };

const elsewhere = ["Secret hub-database"];

let usual: Graph<JupyterHub>;

beforeAll(async () => {
  usual = await build();
});

describe("JupyterHub", () => {
  it("is a hub and a proxy that are one at a time, the hub after all that it needs, the address after the hub", () => {
    for (const name of ["hub", "proxy"]) {
      expect(specOf(usual, name)).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    }
    const lines = usual.resources.map(outline);
    const hub = lines.find((line) => line.startsWith("Deployment notebooks-hub-deployment"));
    for (const needed of [
      ...["notebooks-hub-network-policy", "notebooks-hub-secret"],
      ...["notebooks-user-servers-network-policy", "notebooks-servers-quota", "notebooks-homes-quota"],
      ...["notebooks-hub-config", "notebooks-hub-role-binding", "notebooks-proxy-deployment"],
    ]) {
      expect(hub).toContain(needed);
    }
    expect(lines.find((line) => line.startsWith("Ingress "))).toContain("notebooks-hub-deployment");
    expect(looseEnds(usual, { elsewhere })).toEqual([]);
  });

  it("has the rights that its spawner needs, in its namespace, and no Secret among them", () => {
    expect(inputsOf(usual, "notebooks-hub-role")).toMatchObject({
      metadata: { namespace: "datalab-notebooks" },
      rules: [
        { resources: ["pods"], verbs: ["get", "list", "watch", "create", "delete"] },
        { resources: ["persistentvolumeclaims"], verbs: ["get", "list", "create", "delete"] },
        { resources: ["events"], verbs: ["get", "list", "watch"] },
      ],
    });
    expect(usual.resources.filter(({ type }) => type.includes("ClusterRole"))).toEqual([]);
  });

  it("has secrets in Secrets, and only their names in its pods", () => {
    const entry = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
    const { env } = specOf(usual, "hub").template.spec.containers[0];
    expect(env.filter(({ valueFrom }) => valueFrom !== undefined)).toEqual([
      { name: "COOKIE_SECRET", ...entry("hub", "cookie-secret") },
      { name: "CRYPT_KEY", ...entry("hub", "crypt-key") },
      { name: "CONFIGPROXY_AUTH_TOKEN", ...entry("hub", "proxy-token") },
      { name: "CLIENT_SECRET", ...entry("hub", "client-secret") },
      { name: "PGPASSWORD", ...entry("hub-database", "password") },
    ]);
    expect(inputsOf(usual, "notebooks-hub-secret")["stringData"]).toEqual({
      "cookie-secret": `${secretMarker}-notebooks-cookie-secret-password`,
      "crypt-key": `${secretMarker}-notebooks-crypt-key-password`,
      "proxy-token": `${secretMarker}-notebooks-proxy-token-password`,
      "client-secret": `${secretMarker}-client`,
    });
    expect(usual.resources.filter(({ serialized }) => serialized.includes(secretMarker))).toEqual([]);
  });

  it("starts anew when its configuration changes", async () => {
    const hash = (graph: Graph<unknown>) => specOf(graph, "hub").template.metadata.annotations;
    expect(hash(await build({ ...everyone, culling: { idle: "2h" } }))).not.toEqual(hash(usual));
  });

  it("opens each way that there is, and no other", () => {
    const policy = (suffix: string) => JSON.stringify(inputsOf(usual, `notebooks-${suffix}-network-policy`));
    // Servers: from hub and proxy at their port; neither database nor API server nor one another.
    expect(policy("user-servers")).not.toMatch(/6443|5432|8001/);
    expect(policy("user-servers")).toContain("169.254.0.0/16");
    expect(policy("hub")).toMatch(/6443/);
    expect(policy("proxy")).not.toMatch(/6443|5432/);
    const role = (name: string) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": name } } });
    expect(inputsOf(usual, "notebooks-user-servers-network-policy")).toMatchObject({
      spec: {
        podSelector: { matchLabels: { "app.kubernetes.io/name": "user-server" } },
        ingress: [{ from: [role("hub"), role("proxy")], ports: [{ port: 8888 }] }],
      },
    });
  });

  it("serves long websockets and uploads of any size", () => {
    expect(inputsOf(usual, "notebooks-ingress")).toMatchObject({
      metadata: {
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
          "nginx.ingress.kubernetes.io/proxy-body-size": "0",
        },
      },
      spec: { rules: [{ host: "jupyter.example.org" }] },
    });
  });

  it("counts people's servers alone, and their homes beside its own volume", () => {
    expect(inputsOf(usual, "notebooks-servers-quota")).toMatchObject({
      spec: {
        hard: { pods: "100", "requests.cpu": "100", "limits.memory": "400Gi" },
        scopeSelector: {
          matchExpressions: [{ scopeName: "PriorityClass", operator: "NotIn", values: ["datalab-platform"] }],
        },
      },
    });
    const sum = 2 * 1024 ** 4 + 5 * 1024 ** 3;
    expect(inputsOf(usual, "notebooks-homes-quota")).toMatchObject({
      spec: { hard: { "requests.storage": `${sum}` } },
    });
  });

  it("trusts the platform's authority, calls the realm without a way out, and hands both to servers", async () => {
    const graph = await build(everyone, { publicHosts: privateHosts() });
    expect(specOf(graph, "hub").template.spec.hostAliases).toEqual([
      { ip: "10.96.0.10", hostnames: ["auth.example.org"] },
    ]);
    expect(configurationOf(graph).authorities).toEqual(["/etc/ssl/certs/ca-certificates.crt", "/platform-ca/ca.crt"]);
    expect(configurationOf(usual).authorities).toBeUndefined();
    const spawner = traitsOf(graph, "KubeSpawner");
    expect(spawner["environment"]).toMatchObject({ SSL_CERT_FILE: "/opt/authorities/bundle.crt" });
    expect(JSON.stringify(spawner["profile_list"])).toContain("/etc/ssl/certs/ca-certificates.crt /platform-ca/ca.crt");
    expect(traitsOf(usual, "KubeSpawner")["environment"]).toEqual({
      AWS_ENDPOINT_URL: "https://s3.example.test",
      AWS_S3_ENDPOINT: "s3.example.test",
      AWS_DEFAULT_REGION: "us-east-1",
    });
  });

  it("gives servers the package index and the proxy, and the login of a registry", async () => {
    const packageIndex = { indexUrl: "https://p/simple/", uploadUrl: undefined, replacesPublicIndex: true };
    const proxy = proxyOf({ domain: "example.org", proxy: { https: "http://proxy:3128", none: [], addresses: [] } });
    const graph = await build(everyone, { packageIndex, proxy, registryLogin: "login" });
    const spawner = traitsOf(graph, "KubeSpawner");
    expect(spawner["environment"]).toMatchObject({
      PIP_INDEX_URL: "https://p/simple/",
      HTTPS_PROXY: "http://proxy:3128",
    });
    expect(spawner["image_pull_secrets"]).toEqual([{ name: "image-pull" }]);
    expect(JSON.stringify(inputsOf(graph, "notebooks-user-servers-network-policy"))).toContain("3128");
  });
});

describe("the login", () => {
  it("by the realm is closed to all but the groups, and administrators are so by group", async () => {
    const access = { kind: "groups", groups: ["staff", "research"] };
    const graph = await build({ login: "realm", access, administrators: { groups: ["operators"] } });
    expect(traitsOf(graph, "GenericOAuthenticator")).toMatchObject({
      allowed_groups: ["research", "staff"],
      admin_groups: ["operators"],
      oauth_callback_url: `${address}/hub/oauth_callback`,
    });
    expect(traitsOf(graph, "GenericOAuthenticator")).not.toHaveProperty("allow_all");
    expect(traitsOf(usual, "GenericOAuthenticator")).toMatchObject({ allow_all: true, admin_groups: [] });
    expect(usual.result.administratorSecret).toBeUndefined();
  });

  it("by the realm has a client with a secret and PKCE, one callback and no web origin", () => {
    const notebooks = notebooksClientOf(notebooksSettings.parse(everyone), address);
    const access = accessModel({ domain: "example.org", realm: "datalab", notebooks });
    const clients = clientsOf(access, identitySettings.parse({}));
    expect(clients.find(({ clientId }) => clientId === "notebooks")).toMatchObject({
      publicClient: false,
      redirectUris: [`${address}/hub/oauth_callback`],
      webOrigins: [],
      standardFlowEnabled: true,
      fullScopeAllowed: false,
      attributes: { "pkce.code.challenge.method": "S256", "post.logout.redirect.uris": `${address}/hub/` },
    });
    expect(confidentialClients(clients)).toEqual(["notebooks"]);
  });

  it("by signing up has a first administrator with a generated password, and no client", async () => {
    const graph = await build({ login: "signup", administrator: "boss" });
    expect(inputsOf(graph, "notebooks-administrator-secret")["stringData"]).toEqual({
      username: "boss",
      password: `${secretMarker}-notebooks-administrator-password`,
    });
    expect(graph.result.administratorSecret).toEqual({ namespace: "datalab-notebooks", name: "hub-administrator" });
    expect(traitsOf(graph, "NativeAuthenticator")).toMatchObject({ admin_users: ["boss"], open_signup: false });
    expect(JSON.stringify(inputsOf(graph, "notebooks-hub-secret"))).not.toContain("client-secret");
    expect(looseEnds(graph, { elsewhere })).toEqual([]);
    expect(notebooksClientOf(notebooksSettings.parse({ login: "signup" }), address)).toBeUndefined();
  });
});

describe("the settings", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["no access", { login: "realm" }, "access"],
    ["groups without one", { login: "realm", access: { kind: "groups", groups: [] } }, "must name a group"],
    ["more promised than allowed", { ...everyone, profiles: { a: { title: "A", cpu: { guarantee: 4 } } } }, "≤"],
    ["no profile", { ...everyone, profiles: {} }, "must hold a profile"],
    ["markup", { ...everyone, profiles: { a: { title: "<b>" } } }, "must hold none of"],
    ["shared homes without a class", { ...everyone, homes: { kind: "shared" } }, "storageClass"],
  ])("refuse %s", (_what, values, message) => {
    expect(JSON.stringify(notebooksSettings.safeParse(values).error?.issues)).toContain(message);
  });

  it("refuse limits that leave no room for one server or one home", () => {
    const notebooks = { ...everyone, limits: { memory: "1Gi", storage: "1Gi" } };
    expect(() => minimal({ notebooks })).toThrow(/notebooks\.limits\.memory[^]*standard[^]*notebooks\.limits\.storage/);
    expect(planOf(minimal({ notebooks: everyone })).dataNamespaces).toContain("datalab-notebooks");
  });
});

describe("the doctor", () => {
  const settings = minimal({ notebooks: everyone });
  const expected = expectationsOf(settings);
  const endpoint = "https://auth.example.test/realms/datalab/protocol/openid-connect/auth";
  const way = (changes: Record<string, string> = {}) => {
    const query = {
      client_id: "notebooks",
      redirect_uri: "https://jupyter.example.test/hub/oauth_callback",
      code_challenge_method: "S256",
    };
    return `${endpoint}?${new URLSearchParams({ ...query, ...changes }).toString()}`;
  };
  const ask = (answers: Record<string, unknown>[], of = expected) => {
    const request = () => Promise.resolve(answers.shift());
    const step = stepsFor(of).find(({ id }) => id === "notebooks");
    return step?.run(contextWith({ expected: of, web: { request } as never }));
  };
  const leads = (location: string) => ({ status: 302, headers: { location }, text: "" });
  const page = { status: 200, headers: {}, text: "Sign in" };

  it("follows the hub to the realm's page", async () => {
    expect(await ask([leads(way()), page])).toMatchObject({ status: "passed" });
  });

  it.each<[string, Record<string, unknown>[], string]>([
    ["a wrong callback", [leads(way({ redirect_uri: "https://x.test/" })), page], "redirect_uri is https://x.test/"],
    ["another realm", [leads(way().replace("datalab", "other")), page], "realms/other"],
    ["a client that is gone", [leads(way()), { ...page, status: 400, text: "Client not found" }], "Client not found"],
    ["no pod", [{ ...page, status: 503 }], "answers 503"],
    ["another server", [page], "answers 200"],
  ])("finds %s", async (_what, answers, problem) => {
    const outcome = await ask(answers);
    expect(JSON.stringify(outcome)).toContain(problem);
    expect(outcome).not.toMatchObject({ status: "passed" });
  });

  it("asks for the hub's own page where people sign up, and for nothing without a hub", async () => {
    const signup = expectationsOf(minimal({ notebooks: { login: "signup" } }));
    expect(await ask([page], signup)).toMatchObject({ status: "passed" });
    expect(await ask([{ ...page, status: 500 }], signup)).not.toMatchObject({ status: "passed" });
    expect(stepsFor(expectationsOf(minimal())).map(({ id }) => id)).not.toContain("notebooks");
  });
});
