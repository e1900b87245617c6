import { beforeAll, describe, expect, it } from "@jest/globals";

import { Onyxia } from "../../components/portal/onyxia.ts";
import { find, type Graph, type Registration, runGraph } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { onyxiaArgs, openHosts, privateHosts } from "../support/portal.ts";

const deployment = "kubernetes:apps/v1:Deployment";
const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const configMap = "kubernetes:core/v1:ConfigMap";

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

interface Container {
  readonly image: string;
  readonly lifecycle?: object;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly command?: readonly string[];
  readonly volumeMounts: readonly Mount[];
  readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
  readonly startupProbe?: { readonly httpGet: { readonly path: string } };
  readonly livenessProbe?: { readonly httpGet: { readonly path: string } };
  readonly readinessProbe?: { readonly httpGet: { readonly path: string } };
}

interface Pod {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: object }[];
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
}

interface Template {
  readonly metadata: { readonly annotations: Record<string, string> };
  readonly spec: Pod;
}

const templateOf = (graph: Graph<unknown>, name: string): Template =>
  (find(graph, deployment, name).inputs as { spec: { template: Template } }).spec.template;

const build = (input: unknown = {}, publicHosts = openHosts, preview = false) =>
  runGraph(() => new Onyxia("portal", onyxiaArgs(input, publicHosts)), { preview });

const outline = ({ type, name, parent, dependencies }: Registration) => {
  const kind = type.split(":").at(-1) ?? "";
  return `${kind} ${name} < ${parent ?? "-"} | ${dependencies.join(" ")}`;
};

let plain: Graph<Onyxia>;
let trusting: Graph<Onyxia>;

beforeAll(async () => {
  plain = await build();
  trusting = await build({}, privateHosts());
});

describe("Onyxia", () => {
  it("is these objects, each after what it needs", () => {
    // In the order of their names: the engine gets them as their dependencies allow.
    expect(plain.resources.map(outline).toSorted()).toEqual([
      "ClusterRole portal-cluster-role < portal | ",
      "ClusterRoleBinding portal-cluster-role-binding < portal | portal-cluster-role portal-workspace-policy-binding",
      "ConfigMap portal-api-config < portal | portal-namespace",
      "ConfigMap portal-launcher < portal | portal-namespace",
      "ConfigMap portal-response-headers < portal | portal-namespace",
      "ConfigMap portal-schemas < portal | portal-namespace",
      "ConfigMap portal-workspaces < portal | portal-namespace",
      "Deployment portal-api-deployment < portal | portal-api-config portal-api-network-policy portal-api-server-role-binding portal-api-service-account portal-cluster-role-binding portal-deny-all portal-launcher portal-namespace portal-schemas portal-workspaces",
      "Deployment portal-web-deployment < portal | portal-deny-all portal-namespace portal-web-network-policy portal-web-service-account",
      "Ingress portal-ingress < portal | portal-api-service portal-namespace portal-response-headers portal-web-service",
      "Namespace portal-namespace < portal | ",
      "NetworkPolicy portal-api-network-policy < portal | portal-namespace",
      "NetworkPolicy portal-deny-all < portal | portal-namespace",
      "NetworkPolicy portal-web-network-policy < portal | portal-namespace",
      "Onyxia portal < - | ",
      "Role portal-api-server-role < portal | ",
      "RoleBinding portal-api-server-role-binding < portal | portal-api-server-role",
      "Service portal-api-service < portal | portal-api-deployment portal-namespace",
      "Service portal-web-service < portal | portal-namespace portal-web-deployment",
      "ServiceAccount portal-api-service-account < portal | portal-namespace",
      "ServiceAccount portal-web-service-account < portal | portal-namespace",
      "ValidatingAdmissionPolicy portal-workspace-policy < portal | ",
      "ValidatingAdmissionPolicyBinding portal-workspace-policy-binding < portal | portal-workspace-policy",
    ]);
  });

  it("fits together: selectors, ports, volumes, accounts, rights", async () => {
    const several = await build({ web: { replicas: 2 }, api: { replicas: 2 } }, privateHosts());
    for (const graph of [plain, trusting, several]) expect(looseEnds(graph)).toEqual([]);
  });

  it("adds the carriers of a private CA, before the API", () => {
    const names = (graph: Graph<unknown>) => graph.resources.map(({ name }) => name).toSorted();
    const added = names(trusting).filter((name) => !names(plain).includes(name));
    expect(added).toEqual(["portal-ca", "portal-schema-certificates", "portal-workspace-trust"]);
    expect(find(trusting, deployment, "portal-api-deployment").dependencies).toEqual(expect.arrayContaining(added));
  });

  it("adds a disruption budget to whatever has more than one pod", async () => {
    const graph = await build({ web: { replicas: 2 } });
    const budgets = graph.resources.filter(({ type }) => type.endsWith("PodDisruptionBudget"));
    expect(budgets.map(({ name }) => name)).toEqual(["portal-web-disruption-budget"]);
    expect(find(graph, deployment, "portal-web-deployment").inputs).toMatchObject({ spec: { replicas: 2 } });
  });

  it("makes the same objects in a preview", async () => {
    const preview = await build({}, privateHosts(), true);
    expect(preview.resources.map(outline).toSorted()).toEqual(trusting.resources.map(outline).toSorted());
  });

  it("tells its address", () => {
    expect(plain.result.url).toBe("https://datalab.example.test");
  });

  it("pulls through a mirror", async () => {
    const graph = await runGraph(() => new Onyxia("portal", { ...onyxiaArgs(), imageMirror: "mirror.example.test" }));
    for (const name of ["portal-api-deployment", "portal-web-deployment"]) {
      expect(templateOf(graph, name).spec.containers[0].image).toMatch(/^mirror\.example\.test\/docker\.io\//);
    }
  });

  it("starts new pods of the API when its configuration or a schema changes, and only then", async () => {
    const hash = async (input: unknown) =>
      templateOf(await build(input), "portal-api-deployment").metadata.annotations["datalab.dev/config-hash"];
    const before = await hash({});
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash({ regionName: "Other" })).not.toBe(before);
    expect(await hash({ services: { storage: { size: "11Gi" } } })).not.toBe(before);
    expect(await hash({ title: "Other" })).toBe(before);
  });
});

describe("the API's pod", () => {
  const api = () => templateOf(trusting, "portal-api-deployment").spec;

  it("has a read-only root with a writable /tmp and home: without the home every launch fails", () => {
    const [container] = api().containers;
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    const writable = api().volumes.filter(({ emptyDir }) => emptyDir !== undefined);
    const paths = container.volumeMounts
      .filter(({ name, readOnly }) => readOnly !== true && writable.some((volume) => volume.name === name))
      .map(({ mountPath }) => mountPath);
    expect(paths).toEqual(["/tmp", "/var/cache/onyxia"]);
    expect(api().securityContext).toMatchObject({ runAsUser: 101, runAsNonRoot: true });
  });

  it("takes a ready trust store through JAVA_TOOL_OPTIONS: JAVA_OPTS is not read, the JRE's own is read-only", () => {
    expect(api().containers[0].env).toEqual([
      { name: "JAVA_TOOL_OPTIONS", value: "-Djavax.net.ssl.trustStore=/trust/cacerts" },
    ]);
    const [init] = api().initContainers ?? [];
    expect(init?.image).toBe(api().containers[0].image);
    expect(init?.command?.[2]).toMatch(
      /cp "\$JAVA_HOME\/lib\/security\/cacerts" \/trust\/cacerts[^]*keytool -importcert/,
    );
  });

  it("has the CA's file where helm's caFile is looked up", () => {
    expect(api().containers[0].volumeMounts).toContainEqual({
      name: "ca",
      mountPath: "/usr/local/share/ca-certificates",
      readOnly: true,
    });
  });

  it("is ready when every catalogue has loaded, but is not started again for one that cannot be reached", () => {
    const [{ startupProbe, livenessProbe, readinessProbe }] = api().containers;
    expect(readinessProbe?.httpGet.path).toBe("/api/public/healthcheck");
    expect(startupProbe?.httpGet.path).toBe("/api/actuator/health");
    expect(livenessProbe?.httpGet.path).toBe("/api/actuator/health");
  });

  it("mounts each schema by subPath: the API does not follow the links of a mounted folder", () => {
    const [container] = api().containers;
    const schemas = container.volumeMounts.filter(({ mountPath }) => mountPath.startsWith("/schemas/default/"));
    const paths = schemas.map(({ mountPath }) => mountPath.slice("/schemas/default/".length));
    expect(paths).toEqual(expect.arrayContaining(["ide/resources.json", "role-spark.json", "certificates.json"]));
    expect(new Set(paths).size).toBe(paths.length);
    const keys = [
      ...Object.keys((find(trusting, configMap, "portal-schemas").inputs as { data: object }).data),
      ...Object.keys((find(trusting, configMap, "portal-schema-certificates").inputs as { data: object }).data),
    ];
    expect(schemas.map(({ subPath }) => subPath).toSorted()).toEqual(keys.toSorted());
    expect(keys.every((key) => /^[-._a-zA-Z0-9]+$/.test(key))).toBe(true);
  });

  it("bounds what services are told to trust with a public CA too", () => {
    const { data } = find(plain, configMap, "portal-schemas").inputs as { data: Record<string, string> };
    expect(JSON.parse(data["certificates.json"] ?? "")).toMatchObject({ properties: { cacerts: { default: "" } } });
    expect(find(trusting, configMap, "portal-schemas").inputs).not.toHaveProperty(["data", "certificates.json"]);
  });

  it("reaches Keycloak by the controller's address, and by no other name", () => {
    expect(api().hostAliases).toEqual([{ ip: "10.96.0.10", hostnames: ["auth.example.test"] }]);
  });

  it("reaches a catalogue of the platform in the same way", async () => {
    const own = { id: "own", name: "Own", location: "https://charts.example.test" };
    const graph = await build({ catalogs: [own] }, privateHosts());
    const { hostAliases } = templateOf(graph, "portal-api-deployment").spec;
    expect(hostAliases).toEqual([{ ip: "10.96.0.10", hostnames: ["auth.example.test", "charts.example.test"] }]);
  });

  it("is just the image where the CA is public and the hosts resolve", () => {
    const pod = templateOf(plain, "portal-api-deployment").spec;
    expect(pod.initContainers).toBeUndefined();
    expect(pod.hostAliases).toEqual([]);
    expect(pod.containers[0].env).toBeUndefined();
    expect(pod.volumes.map(({ name }) => name)).toEqual(["tmp", "home", "launcher", "launcher-objects", "schemas"]);
  });
});

describe("the web application's pod", () => {
  const web = () => templateOf(plain, "portal-web-deployment").spec;

  it("writes where its start script does, and nowhere else", () => {
    const [container] = web().containers;
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(["/usr/share/nginx/html", "/tmp"]);
    expect(container.env).toContainEqual({ name: "HOME", value: "/tmp" });
  });

  it("has no way to the API server", () => {
    expect(web().automountServiceAccountToken).toBe(false);
    expect(templateOf(plain, "portal-api-deployment").spec.automountServiceAccountToken).toBe(true);
  });
});

describe("the portal's pods", () => {
  it.each(["portal-api-deployment", "portal-web-deployment"])(
    "stay until nobody sends them requests any more: %s",
    (name) => {
      expect(templateOf(plain, name).spec.containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    },
  );
});

describe("the portal's network", () => {
  interface Rules {
    readonly ingress: unknown[];
    readonly egress: { readonly to?: unknown[]; readonly ports?: { readonly port: number }[] }[];
  }
  const rules = (graph: Graph<unknown>, name: string) => (find(graph, policy, name).inputs as { spec: Rules }).spec;
  const anywhere = (graph: Graph<unknown>) =>
    rules(graph, "portal-api-network-policy")
      .egress.filter(({ to }) => to === undefined)
      .map(({ ports }) => ports?.map(({ port }) => port));

  it("sends to the API what browsers call, and not its monitoring or its documentation, which need no login", () => {
    const { spec } = find(plain, "kubernetes:networking.k8s.io/v1:Ingress", "portal-ingress").inputs as {
      spec: {
        tls: unknown;
        rules: { host: string; http: { paths: { path: string; backend: { service: { name: string } } }[] } }[];
      };
    };
    const paths = spec.rules[0]?.http.paths.map(({ path, backend }) => `${path} ${backend.service.name}`);
    expect(paths).toEqual([
      "/api/my-lab onyxia-api",
      "/api/onboarding onyxia-api",
      "/api/profile onyxia-api",
      "/api/public onyxia-api",
      "/api/user onyxia-api",
      "/ onyxia-web",
    ]);
    expect(spec.rules.map(({ host }) => host)).toEqual(["datalab.example.test"]);
    // The wildcard certificate is found by name.
    expect(spec.tls).toEqual([{ hosts: ["datalab.example.test"] }]);
  });

  it("tells browsers to come by HTTPS alone, where the ingress controller adds headers", async () => {
    const path = ["metadata", "annotations", "nginx.ingress.kubernetes.io/custom-headers"];
    const ingress = (graph: Graph<unknown>) =>
      find(graph, "kubernetes:networking.k8s.io/v1:Ingress", "portal-ingress").inputs;
    const headers = find(plain, "kubernetes:core/v1:ConfigMap", "portal-response-headers").inputs;
    expect(headers).toMatchObject({ data: { "Strict-Transport-Security": "max-age=31536000" } });
    expect(ingress(plain)).toHaveProperty(path, "datalab-portal/onyxia-response-headers");
    const other = await runGraph(() => new Onyxia("portal", { ...onyxiaArgs(), addsResponseHeaders: false }));
    expect(other.resources.map(({ name }) => name)).not.toContain("portal-response-headers");
    expect(ingress(other)).not.toHaveProperty(path);
  });

  it("lets nobody but the ingress controller in, and the web application nowhere out", () => {
    for (const name of ["portal-web-network-policy", "portal-api-network-policy"]) {
      expect(rules(plain, name).ingress).toEqual([
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "datalab-ingress" } } }],
          ports: [{ port: 8080, protocol: "TCP" }],
        },
      ]);
    }
    expect(rules(plain, "portal-web-network-policy").egress).toEqual([]);
  });

  it("lets the API out to names, the API server, Keycloak and the catalogues' ports", () => {
    const { egress } = rules(trusting, "portal-api-network-policy");
    expect(egress).toContainEqual({
      to: [{ ipBlock: { cidr: "10.0.0.0/16" } }],
      ports: [{ port: 6443, protocol: "TCP" }],
    });
    expect(anywhere(trusting)).toEqual([[53, 53], [443]]);
  });

  it("keeps the API in the cluster where its catalogues are", async () => {
    const inside = { id: "in", name: "In", location: "http://charts.catalogue.svc.cluster.local" };
    const own = { id: "own", name: "Own", location: "https://charts.example.test" };
    const graph = await build({ catalogs: [inside, own] }, privateHosts());
    expect(anywhere(graph)).toEqual([[53, 53]]);
    expect(rules(graph, "portal-api-network-policy").egress).toContainEqual({
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "catalogue" } } }],
    });
  });
});

describe("the portal's ConfigMaps", () => {
  it("contain no placeholder of Spring, and print in full before anything exists", async () => {
    const preview = await build({}, privateHosts(), true);
    for (const name of ["portal-api-config", "portal-schemas"]) {
      const { serialized } = find(preview, configMap, name);
      expect(serialized).not.toContain("${");
      // What the engine sends in the place of a value that is not known yet.
      expect(serialized).not.toContain("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
    }
  });
});
