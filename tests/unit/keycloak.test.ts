import { describe, expect, it } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import type { Database } from "../../components/contracts.ts";
import { IdentityNamespace } from "../../components/identity/identity-namespace.ts";
import { Keycloak, type KeycloakArgs } from "../../components/identity/keycloak.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { find, runGraph, secretMarker, summary } from "../support/graph.ts";

const database: Database = {
  workload: "keycloak-database",
  host: "keycloak-database.somewhere.svc",
  port: 5432,
  database: "keycloak",
  username: "keycloak",
  passwordSecret: { name: "keycloak-database", key: "password" },
};

const documentOf = (settings: object = {}) =>
  realmDocument(accessModel({ domain: "example.org", realm: "lab" }), identitySettings.parse(settings));

const args: KeycloakArgs = {
  namespace: "somewhere",
  host: "auth.example.org",
  ingress: { className: "nginx", namespace: "ways-in" },
  database,
  realm: documentOf(),
  adminConsole: false,
  replicas: 1,
  resources: { cpu: "500m", memory: "1536Mi" },
  protectData: false,
};

const build = (changes: Partial<KeycloakArgs> = {}) => runGraph(() => new Keycloak("kc", { ...args, ...changes }));

const kinds = {
  budget: "kubernetes:policy/v1:PodDisruptionBudget",
  configMap: "kubernetes:core/v1:ConfigMap",
  ingress: "kubernetes:networking.k8s.io/v1:Ingress",
  policy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  statefulSet: "kubernetes:apps/v1:StatefulSet",
} as const;

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly initContainers: readonly [{ readonly command: readonly string[]; readonly volumeMounts: readonly object[] }];
  readonly containers: readonly [
    {
      readonly args: readonly string[];
      readonly env: readonly Variable[];
      readonly resources: object;
      readonly lifecycle?: object;
      readonly securityContext: object;
      readonly startupProbe: { readonly periodSeconds: number; readonly failureThreshold: number };
      readonly livenessProbe: object;
      readonly readinessProbe: object;
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    },
  ];
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: object }[];
}

async function podOf(changes: Partial<KeycloakArgs> = {}): Promise<PodSpec> {
  const { inputs } = find(await build(changes), kinds.statefulSet, "kc-stateful-set");
  return (inputs["spec"] as { template: { spec: PodSpec } }).template.spec;
}

async function variable(name: string, changes: Partial<KeycloakArgs> = {}) {
  return (await podOf(changes)).containers[0].env.find((each) => each.name === name);
}

describe("Keycloak", () => {
  it("is a server with its first logins, realm, Service, Ingress and NetworkPolicy", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      "datalab:identity:Keycloak kc",
      "kubernetes:apps/v1:StatefulSet kc-stateful-set",
      "kubernetes:core/v1:ConfigMap kc-realm-import",
      "kubernetes:core/v1:Secret kc-admin-secret",
      "kubernetes:core/v1:Secret kc-reconcile-secret",
      "kubernetes:core/v1:Service kc-service",
      "kubernetes:core/v1:ServiceAccount kc-service-account",
      "kubernetes:networking.k8s.io/v1:Ingress kc-ingress",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy kc-network-policy",
      "random:index/randomPassword:RandomPassword kc-admin-password",
      "random:index/randomPassword:RandomPassword kc-reconcile-password",
    ]);
    expect(new Set(graph.resources.slice(1).map(({ parent }) => parent))).toEqual(new Set(["kc"]));
    expect(find(graph, kinds.statefulSet, "kc-stateful-set").dependencies).toEqual([
      "kc-admin-secret",
      "kc-network-policy",
      "kc-realm-import",
      "kc-reconcile-secret",
      "kc-service-account",
    ]);
    expect(graph.result).toMatchObject({
      url: "https://auth.example.org",
      adminSecret: { namespace: "somewhere", name: "keycloak-admin" },
    });
  });

  it("knows its public address and trusts what the ingress controller says about a request", async () => {
    expect(await variable("KC_HOSTNAME")).toMatchObject({ value: "https://auth.example.org" });
    expect(await variable("KC_PROXY_HEADERS")).toMatchObject({ value: "xforwarded" });
    expect(await variable("KC_HTTP_ENABLED")).toMatchObject({ value: "true" });
    expect((await podOf()).containers[0].args).toEqual(["start", "--import-realm"]);
  });

  it("takes passwords by reference only", async () => {
    const reference = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
    expect(await variable("KC_DB_PASSWORD")).toMatchObject(reference("keycloak-database", "password"));
    expect(await variable("KC_BOOTSTRAP_ADMIN_PASSWORD")).toMatchObject(reference("keycloak-admin", "password"));
    expect(await variable("KC_BOOTSTRAP_ADMIN_CLIENT_SECRET")).toMatchObject(
      reference("keycloak-reconcile", "client-secret"),
    );
    for (const { serialized } of (await build()).resources) expect(serialized).not.toContain(secretMarker);
  });

  it("can write where Keycloak rebuilds itself and nowhere else in its image", async () => {
    const { containers, initContainers, volumes } = await podOf();
    expect(containers[0].securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    const empty = volumes.filter(({ emptyDir }) => emptyDir !== undefined).map(({ name }) => name);
    const writable = containers[0].volumeMounts.filter(({ name }) => empty.includes(name));
    expect(writable.map(({ mountPath }) => mountPath).toSorted()).toEqual([
      "/opt/keycloak/data",
      "/opt/keycloak/lib/quarkus",
      "/tmp",
    ]);
    // What the volume hides must be in it.
    expect(initContainers[0].command).toEqual(["cp", "-r", "/opt/keycloak/lib/quarkus/.", "/program"]);
    expect(initContainers[0].volumeMounts).toEqual([
      {
        name: containers[0].volumeMounts.find(({ mountPath }) => mountPath.endsWith("quarkus"))?.name,
        mountPath: "/program",
      },
    ]);
  });

  it("has five minutes and more for its first start", async () => {
    const { startupProbe, readinessProbe, livenessProbe } = (await podOf()).containers[0];
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(300);
    expect(startupProbe).toMatchObject({ httpGet: { path: "/health/started", port: "management" } });
    expect(readinessProbe).toMatchObject({ httpGet: { path: "/health/ready", port: "management" } });
    expect(livenessProbe).toMatchObject({ httpGet: { path: "/health/live", port: "management" } });
  });

  it("does not restart for a changed realm", async () => {
    const changed = await build({ realm: documentOf({ displayName: "Other" }) });
    const same = await build();
    const inputs = (graph: typeof same, type: string, name: string) => find(graph, type, name).inputs;
    expect(inputs(changed, kinds.statefulSet, "kc-stateful-set")).toEqual(
      inputs(same, kinds.statefulSet, "kc-stateful-set"),
    );
    expect(inputs(changed, kinds.configMap, "kc-realm-import")["data"]).toEqual({
      "lab-realm.json": expect.stringContaining('"displayName":"Other"') as unknown,
    });
  });

  it.each([
    [false, ["/realms/lab", "/resources"]],
    [true, ["/admin", "/realms", "/resources"]],
  ])("with adminConsole %s serves %j in public", async (adminConsole, paths) => {
    const { inputs } = find(await build({ adminConsole }), kinds.ingress, "kc-ingress");
    const spec = inputs["spec"] as { rules: [{ host: string; http: { paths: { path: string }[] } }] };
    expect(spec).toMatchObject({ ingressClassName: "nginx", tls: [{ hosts: ["auth.example.org"] }] });
    expect(spec).not.toHaveProperty("tls.0.secretName");
    expect(spec.rules[0].host).toBe("auth.example.org");
    expect(spec.rules[0].http.paths.map(({ path }) => path)).toEqual(paths);
  });

  it("alone needs no peers", async () => {
    const graph = await build();
    expect(await variable("KC_CACHE")).toMatchObject({ value: "local" });
    expect(summary(graph)).not.toContain(`${kinds.budget} kc-disruption-budget`);
    expect(portsOf(graph)).toEqual({ from: [8080], to: [53, 53, 5432] });
    // Nobody would answer meanwhile.
    expect((await podOf()).containers[0].lifecycle).toBeUndefined();
  });

  it("in a group reaches its peers and never goes as a whole", async () => {
    const graph = await build({ replicas: 3 });
    expect(await variable("KC_CACHE", { replicas: 3 })).toMatchObject({ value: "ispn" });
    expect(await variable("KC_CACHE_EMBEDDED_NETWORK_BIND_ADDRESS", { replicas: 3 })).toMatchObject({
      valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } },
    });
    expect(find(graph, kinds.budget, "kc-disruption-budget").inputs["spec"]).toMatchObject({ maxUnavailable: 1 });
    const [{ lifecycle }] = (await podOf({ replicas: 3 })).containers;
    expect(lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(portsOf(graph)).toEqual({ from: [8080, 7800, 57800], to: [53, 53, 5432, 7800, 57800] });
  });

  it("lets the ingress controller and the reconcile Job in", async () => {
    const { inputs } = find(await build(), kinds.policy, "kc-network-policy");
    expect(inputs["spec"]).toMatchObject({
      ingress: [
        {
          from: [
            { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ways-in" } } },
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "somewhere" } },
              podSelector: { matchLabels: { "app.kubernetes.io/name": "keycloak-realm" } },
            },
          ],
        },
      ],
    });
  });

  it("reaches further networks only where they are named, on whatever port their servers have", async () => {
    const egressOf = async (changes: Partial<KeycloakArgs>) =>
      (find(await build(changes), kinds.policy, "kc-network-policy").inputs["spec"] as { egress: unknown[] }).egress;
    const plain = await egressOf({});
    expect(await egressOf({ egress: { allow: [] } })).toEqual(plain);
    const opened = { to: [{ ipBlock: { cidr: "10.1.0.0/16" } }, { ipBlock: { cidr: "10.2.0.0/16" } }] };
    expect(await egressOf({ egress: { allow: ["10.2.0.0/16", "10.1.0.0/16"] } })).toEqual([...plain, opened]);
  });

  it("protects the first logins, which nobody can set again", async () => {
    const protectedNames = async (protectData: boolean) =>
      (await build({ protectData })).resources
        .filter(({ protect }) => protect)
        .map(({ name }) => name)
        .toSorted();
    expect(await protectedNames(true)).toEqual([
      "kc-admin-password",
      "kc-admin-secret",
      "kc-reconcile-password",
      "kc-reconcile-secret",
    ]);
    expect(await protectedNames(false)).toEqual([]);
  });

  it("runs as a plain user with a memory limit and no token for the API server", async () => {
    const pod = await podOf();
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
    expect(pod.containers[0].resources).toEqual({
      requests: { cpu: "500m", memory: "1536Mi" },
      limits: { memory: "1536Mi" },
    });
  });
});

describe("IdentityNamespace", () => {
  it("is a restricted namespace that denies every connection", async () => {
    const graph = await runGraph(() => new IdentityNamespace("id", { namespace: "somewhere", protectData: true }));
    expect(summary(graph)).toEqual([
      "datalab:identity:IdentityNamespace id",
      "kubernetes:core/v1:Namespace id-namespace",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy id-deny-all",
    ]);
    const namespace = find(graph, "kubernetes:core/v1:Namespace", "id-namespace");
    expect(namespace).toMatchObject({ protect: true, parent: "id" });
    expect(namespace.inputs).toMatchObject({
      metadata: { name: "somewhere", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    const deny = find(graph, kinds.policy, "id-deny-all");
    expect(deny.dependencies).toEqual(["id-namespace"]);
    expect(deny.inputs["spec"]).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  it("goes with everything in it unless data is protected", async () => {
    const graph = await runGraph(() => new IdentityNamespace("id", { namespace: "somewhere", protectData: false }));
    expect(find(graph, "kubernetes:core/v1:Namespace", "id-namespace").protect).toBe(false);
  });
});

function portsOf(graph: Awaited<ReturnType<typeof build>>) {
  type Rules = { ports: { port: number }[] }[];
  const spec = find(graph, kinds.policy, "kc-network-policy").inputs["spec"] as { ingress: Rules; egress: Rules };
  const ports = (rules: Rules) => rules.flatMap((rule) => rule.ports.map(({ port }) => port));
  return { from: ports(spec.ingress), to: ports(spec.egress) };
}
