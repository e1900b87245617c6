import { beforeAll, describe, expect, it } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { IngressEndpoint } from "../../components/contracts.ts";
import { ExistingIngress } from "../../components/ingress/existing-ingress.ts";
import { IngressController } from "../../components/ingress/ingress-controller.ts";
import {
  type ExistingIngressSettings,
  ingressSettings,
  type TraefikSettings,
} from "../../components/ingress/settings.ts";
import type { Visitors } from "../../components/ingress/visitors.ts";
import { hostsOf } from "../../components/names.ts";
import { find, type Graph, type Registration, runGraph } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";

const apiServer = { cidrs: ["10.0.0.0/16"], ports: [6443] };

interface Options {
  readonly settings?: Record<string, unknown>;
  readonly resolvesInCluster?: boolean;
  readonly imageMirror?: string;
  readonly preview?: boolean;
  readonly loadBalanced?: boolean;
  readonly visitors?: Visitors;
}

/** A load balancer outside the cluster. Its outputs belong to the run that they are made in. */
const loadBalancer = () => ({
  nodePorts: { http: 30080, https: 30443, health: 30081 },
  dnsName: pulumi.output("lb.example.test"),
  zoneId: pulumi.output("Z1"),
});

function build(options: Options = {}) {
  const {
    settings = {},
    resolvesInCluster = false,
    imageMirror,
    preview = false,
    loadBalanced = false,
    visitors,
  } = options;
  return runGraph(
    () =>
      readerOf(
        new IngressController("ingress", {
          hosts: hostsOf({ domain: "example.org" }),
          settings: ingressSettings.parse({ kind: "traefik", ...settings }) as TraefikSettings,
          apiServer,
          resolvesInCluster,
          imageMirror,
          visitors,
          loadBalancer: loadBalanced ? loadBalancer() : undefined,
        }),
      ),
    { preview },
  );
}

/** Hands the outputs to an object, as the other components do. What that object gets is what counts. */
function readerOf<T extends IngressEndpoint>(endpoint: T): T {
  const { address, clusterIp, nodePorts } = endpoint;
  const ports = nodePorts === undefined ? {} : { nodePorts: nodePorts.apply((of) => `${of.http} ${of.https}`) };
  const data = { address, ...(clusterIp === undefined ? {} : { clusterIp }), ...ports };
  new k8s.core.v1.ConfigMap("reader", { data });
  return endpoint;
}

const readBy = (graph: Graph<unknown>) =>
  (find(graph, "kubernetes:core/v1:ConfigMap", "reader").inputs as { data: object }).data;

/** How the engine is told that a value is not known yet. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const kinds = {
  deployment: "kubernetes:apps/v1:Deployment",
  ingress: "kubernetes:networking.k8s.io/v1:Ingress",
  ingressClass: "kubernetes:networking.k8s.io/v1:IngressClass",
  networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  role: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
  service: "kubernetes:core/v1:Service",
} as const;

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly [
    {
      readonly image: string;
      readonly args: readonly string[];
      readonly ports: object[];
      readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
      readonly startupProbe: { readonly initialDelaySeconds: number };
      readonly readinessProbe: { readonly failureThreshold: number };
    },
  ];
}

const podOf = (graph: Graph<unknown>) =>
  (find(graph, kinds.deployment, "ingress-deployment").inputs as { spec: { template: { spec: PodSpec } } }).spec
    .template.spec;
const serviceOf = (graph: Graph<unknown>) =>
  find(graph, kinds.service, "ingress-service").inputs as { metadata: object; spec: Record<string, unknown> };

const outline = ({ type, name, parent, dependencies }: Registration) =>
  `${type.split(":").at(-1) ?? ""} ${name} < ${parent ?? "-"} | ${dependencies.join(" ")}`;

let graph: Graph<IngressController>;

beforeAll(async () => {
  graph = await build();
});

describe("IngressController", () => {
  it.each<[string, Options]>([
    ["with a load balancer of the cluster", {}],
    ["with one outside of it", { loadBalanced: true }],
    ["on the nodes' own ports", { settings: { serviceType: "HostPort" } }],
    ["with several pods", { settings: { replicas: 2 } }],
  ])("fits together %s", async (_, options) => {
    const { resources, ...rest } = await build(options);
    expect(looseEnds({ ...rest, resources: resources.filter(({ name }) => name !== "reader") })).toEqual([]);
  });

  it("is these objects, each after what it needs", () => {
    const own = graph.resources.filter(({ name }) => name !== "reader");
    expect(own.map(outline).toSorted()).toEqual([
      "ClusterRole ingress-cluster-role < ingress | ",
      "ClusterRoleBinding ingress-cluster-role-binding < ingress | ingress-cluster-role ingress-service-account",
      "Deployment ingress-deployment < ingress | ingress-class ingress-cluster-role-binding ingress-deny-all ingress-namespace ingress-network-policy",
      "Ingress ingress-anchor-ingress < ingress | ingress-service",
      "IngressClass ingress-class < ingress | ",
      "IngressController ingress < - | ",
      "Namespace ingress-namespace < ingress | ",
      "NetworkPolicy ingress-deny-all < ingress | ingress-namespace",
      "NetworkPolicy ingress-network-policy < ingress | ingress-namespace",
      "Service ingress-service < ingress | ingress-deployment",
      "ServiceAccount ingress-service-account < ingress | ingress-namespace",
    ]);
  });

  it("may lose one pod at a time where it has several", async () => {
    const several = await build({ settings: { replicas: 2 } });
    expect(find(several, "kubernetes:policy/v1:PodDisruptionBudget", "ingress-disruption-budget").inputs).toMatchObject(
      {
        spec: { maxUnavailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": "traefik" } } },
      },
    );
    expect(find(several, kinds.deployment, "ingress-deployment").inputs).toMatchObject({ spec: { replicas: 2 } });
  });

  it("has the list of visitors before it has pods", async () => {
    const visitors = { networks: ["192.0.2.0/24"], pods: ["10.42.0.0/16"] };
    const listed = await build({ visitors });
    expect(find(listed, kinds.deployment, "ingress-deployment").dependencies).toContain("ingress-visitors");
    expect(find(listed, "kubernetes:core/v1:ConfigMap", "ingress-visitors")).toMatchObject({
      parent: "ingress",
      dependencies: ["ingress-namespace"],
      inputs: { metadata: { name: "traefik-visitors", namespace: "datalab-ingress" } },
    });
    expect(podOf(listed).containers[0].args).toContain("--providers.file.filename=/etc/traefik/visitors/visitors.yml");
    expect(serviceOf(listed).spec).toMatchObject({ loadBalancerSourceRanges: ["10.42.0.0/16", "192.0.2.0/24"] });
  });

  it("fulfils the contract", () => {
    const { className, namespace, podHttpsPort, addsResponseHeaders } = graph.result;
    expect({ className, namespace, podHttpsPort, addsResponseHeaders }).toEqual({
      className: "nginx",
      namespace: "datalab-ingress",
      podHttpsPort: 8443,
      addsResponseHeaders: true,
    });
    expect(podOf(graph).containers[0].ports).toContainEqual({ name: "https", containerPort: podHttpsPort });
    expect(readBy(graph)).toEqual({ address: "192.0.2.10", clusterIp: "10.96.0.10" });
  });

  it("does not know its addresses in the first preview, and says so instead of leaving them out", async () => {
    expect(readBy(await build({ preview: true }))).toEqual({ address: unknown, clusterIp: unknown });
  });

  it("has no address for pods that find the hosts by DNS", async () => {
    const found = await build({ resolvesInCluster: true });
    expect(found.result.clusterIp).toBeUndefined();
    expect(readBy(found)).toEqual({ address: "192.0.2.10" });
  });
});

describe("behind a load balancer outside the cluster", () => {
  it("opens two fixed ports on every node that has one of its pods", async () => {
    const settings = { serviceAnnotations: { a: "b" }, externalTrafficPolicy: "Cluster" };
    expect(serviceOf(await build({ loadBalanced: true, settings }))).toMatchObject({
      metadata: { annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        // No controller serves this class: nothing is made for it, and it has a port for health checks.
        type: "LoadBalancer",
        loadBalancerClass: "datalab.dev/graph",
        healthCheckNodePort: 30081,
        externalTrafficPolicy: "Local",
        ports: [
          { name: "http", port: 80, targetPort: "http", nodePort: 30080 },
          { name: "https", port: 443, targetPort: "https", nodePort: 30443 },
        ],
      },
    });
  });

  it("has that one's address, which no preview waits for the cluster to know", async () => {
    const behind = await build({ loadBalanced: true, preview: true });
    expect(readBy(behind)).toMatchObject({ address: "lb.example.test", clusterIp: unknown });
    expect(Object.keys(behind.result.alias ?? {})).toEqual(expect.arrayContaining(["dnsName", "zoneId"]));
    expect(graph.result.alias).toBeUndefined();
    // Ingresses carry it too: the Service never has a status.
    const published = (of: Graph<unknown>) => podOf(of).containers[0].args.at(-1)?.split(".").slice(2).join(".");
    expect(published(behind)).toBe("publishStatusAddress=lb.example.test");
    expect(published(graph)).toBe("publishService=datalab-ingress/traefik");
  });
});

describe("the controller's pod", () => {
  it("stays until a load balancer has checked it twice, and has time to let connections end then", () => {
    const [{ args, lifecycle }] = podOf(graph).containers;
    const { seconds } = lifecycle.preStop.sleep;
    expect(seconds).toBeGreaterThan(20);
    const grace = args.flatMap((argument) => /graceTimeOut=(\d+)s/.exec(argument)?.[1] ?? []);
    expect(grace).toHaveLength(2);
    expect(podOf(graph).terminationGracePeriodSeconds).toBeGreaterThan(seconds + Math.max(...grace.map(Number)));
  });

  it("gets nobody as soon as it says that it is not ready", () => {
    expect(podOf(graph).containers[0].readinessProbe.failureThreshold).toBe(1);
  });

  it("has time to read the Ingresses before visitors come", () => {
    expect(podOf(graph).containers[0].startupProbe.initialDelaySeconds).toBeGreaterThanOrEqual(5);
  });

  it("reads what an ingress controller reads, and writes the status of Ingresses alone", () => {
    const { rules } = find(graph, kinds.role, "ingress-cluster-role").inputs as {
      rules: { resources: string[]; verbs: string[] }[];
    };
    const writes = rules.filter(({ verbs }) => verbs.some((verb) => !["get", "list", "watch"].includes(verb)));
    expect(writes).toEqual([{ apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] }]);
    expect(rules.flatMap(({ resources, verbs }) => [...resources, ...verbs])).not.toContain("*");
    expect(podOf(graph).automountServiceAccountToken).toBe(true);
  });

  it("is reached on its two public ports, and reaches DNS, the API server and pods", () => {
    expect(find(graph, kinds.networkPolicy, "ingress-network-policy").inputs).toMatchObject({
      spec: {
        ingress: [
          {
            ports: [
              { port: 8000, protocol: "TCP" },
              { port: 8443, protocol: "TCP" },
            ],
          },
        ],
        egress: [
          { ports: [{ port: 53 }, { port: 53 }] },
          { to: [{ ipBlock: { cidr: "10.0.0.0/16" } }], ports: [{ port: 6443 }] },
          { to: [{ namespaceSelector: {} }] },
        ],
      },
    });
  });

  it("comes from the mirror where there is one", async () => {
    const { image } = podOf(await build({ imageMirror: "mirror.example.org" })).containers[0];
    expect(image).toMatch(/^mirror\.example\.org\/docker\.io\/library\/traefik:.+@sha256:/);
  });
});

describe("the way from outside", () => {
  it("is a load balancer that keeps the visitors' addresses", () => {
    expect(serviceOf(graph).spec).toMatchObject({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(serviceOf(graph).spec).not.toHaveProperty("loadBalancerClass");
  });

  it("is what the settings say", async () => {
    const settings = {
      serviceType: "NodePort",
      serviceAnnotations: { "example.org/scheme": "internal" },
      loadBalancerClass: "example.org/lb",
      externalTrafficPolicy: "Cluster",
    };
    const other = await build({ settings });
    expect(serviceOf(other).metadata).toMatchObject({ annotations: settings.serviceAnnotations });
    expect(serviceOf(other).spec).toMatchObject({
      type: "NodePort",
      loadBalancerClass: "example.org/lb",
      externalTrafficPolicy: "Cluster",
    });
    expect(readBy(other)).toMatchObject({ address: "the address of any node" });
  });

  it("has the node ports that are given, and tells those that the cluster chose", async () => {
    const portsOf = (of: Graph<unknown>) =>
      (serviceOf(of).spec["ports"] as { nodePort?: number }[]).map((one) => one.nodePort);
    expect(portsOf(graph)).toEqual([undefined, undefined]);
    expect(readBy(graph)).not.toHaveProperty("nodePorts");
    const nodePorts = { http: 30080, https: 30443 };
    const fixed = await build({ settings: { serviceType: "NodePort", nodePorts } });
    expect(portsOf(fixed)).toEqual([30080, 30443]);
    expect(readBy(fixed)).toMatchObject({ nodePorts: "30080 30443" });
    // A load balancer of the cluster's is no reason to tell them.
    const balanced = await build({ settings: { nodePorts } });
    expect(portsOf(balanced)).toEqual([30080, 30443]);
    expect(readBy(balanced)).not.toHaveProperty("nodePorts");
    expect(readBy(await build({ settings: { serviceType: "NodePort" } }))).toMatchObject({
      nodePorts: "31080 31443",
    });
    const planned = { settings: { serviceType: "NodePort" }, preview: true };
    expect(readBy(await build(planned))).toMatchObject({ nodePorts: unknown });
    const known = { settings: { serviceType: "NodePort", nodePorts }, preview: true };
    expect(readBy(await build(known))).toMatchObject({ nodePorts: "30080 30443" });
  });

  it("has the default class, and an Ingress that names the two wildcard certificates", () => {
    expect(find(graph, kinds.ingressClass, "ingress-class").inputs).toMatchObject({
      metadata: { name: "nginx", annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
      spec: { controller: "k8s.io/ingress-nginx" },
    });
    expect(find(graph, kinds.ingress, "ingress-anchor-ingress").inputs).toMatchObject({
      metadata: { namespace: "datalab-ingress" },
      spec: {
        ingressClassName: "nginx",
        tls: [
          { hosts: ["*.example.org"], secretName: "wildcard-platform-tls" },
          { hosts: ["*.lab.example.org"], secretName: "wildcard-services-tls" },
        ],
      },
    });
  });
});

describe("ExistingIngress", () => {
  const existing = { kind: "existing", className: "internal", namespace: "edge", address: "lb.example.org" } as const;
  const endpoint = (settings: object, resolvesInCluster: boolean) =>
    runGraph(() =>
      readerOf(
        new ExistingIngress("ingress", {
          settings: ingressSettings.parse({ ...existing, ...settings }) as ExistingIngressSettings,
          resolvesInCluster,
        }),
      ),
    );

  it("creates nothing and passes on what the settings say", async () => {
    const found = await endpoint({ clusterIp: "10.0.0.7", podHttpsPort: 9443 }, false);
    expect(found.resources.map(({ name }) => name)).toEqual(["ingress", "reader"]);
    expect(found.result).toMatchObject({
      className: "internal",
      namespace: "edge",
      podHttpsPort: 9443,
      addsResponseHeaders: false,
    });
    expect(readBy(found)).toEqual({ address: "lb.example.org", clusterIp: "10.0.0.7" });
  });

  it("has no address inside the cluster where names are found by DNS, or where none is given", async () => {
    expect((await endpoint({ clusterIp: "10.0.0.7" }, true)).result.clusterIp).toBeUndefined();
    expect((await endpoint({}, false)).result.clusterIp).toBeUndefined();
  });
});

describe("datalab:ingress", () => {
  it("needs nothing but its kind for a controller of its own", () => {
    expect(ingressSettings.parse({ kind: "traefik" })).toEqual({
      kind: "traefik",
      publicPort: 443,
      replicas: 1,
      resources: { cpu: "100m", memory: "256Mi" },
      serviceType: "LoadBalancer",
      serviceAnnotations: {},
      externalTrafficPolicy: "Local",
      proxyProtocolFrom: [],
      internal: false,
    });
  });

  it.each([
    [{}, "kind"],
    [{ kind: "nginx" }, "kind"],
    [{ kind: "traefik", replicas: 0 }, "replicas"],
    [{ kind: "traefik", proxyProtocolFrom: ["10.0.0.1"] }, "proxyProtocolFrom"],
    [{ kind: "traefik", serviceType: "ClusterIP" }, "serviceType"],
    [{ kind: "traefik", nodePorts: { http: 30080 } }, "nodePorts"],
    [{ kind: "traefik", nodePorts: { http: 30443, https: 30443 } }, "nodePorts"],
    [{ kind: "existing", namespace: "edge", address: "lb.example.org" }, "className"],
    [{ kind: "existing", className: "a", namespace: "edge", address: "lb", clusterIp: "lb" }, "clusterIp"],
    [{ kind: "existing", className: "a", namespace: "edge", address: "lb", replicas: 2 }, undefined],
  ])("refuses %j", (settings, key) => {
    expect(ingressSettings.safeParse(settings).error?.issues.map(({ path }) => path[0])).toEqual([key]);
  });
});
