import { beforeAll, describe, expect, it } from "@jest/globals";

import { acmePolicy } from "../../components/certificates/cert-manager-network.ts";
import { certManagerChart } from "../../components/certificates/cert-manager-chart.ts";
import { isDirect, noProxy, type Proxy, proxyOf, proxyVariables, toProxy } from "../../components/kubernetes/proxy.ts";
import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { installedCertManager } from "../../stacks/charts.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { proxyProblems } from "../../stacks/settings/proxy-rules.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { find, type Graph, runGraph } from "../support/graph.ts";
import { chartsFor } from "../support/stack-file.ts";

const https = "http://proxy.corp.test:3128";
const addresses = ["10.9.0.0/24"];
const inseeCharts = { id: "insee", name: "INSEE", location: "https://inseefrlab.github.io/charts" };

function settingsOf(proxy: object | undefined, portal: object = {}) {
  const values = {
    platform: { domain: "d.test", servicesDomain: "s.test", proxy },
    cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "k" },
    ingress: { kind: "traefik" },
    certificates: { issuer: "privateCa" },
    objectStore: { kind: "minio" },
    portal,
  };
  return parseSettings({ stack: "test", values, secretKeys: [] });
}

function proxyWith(settings: object): Proxy {
  const proxy = proxyOf(settingsOf({ addresses, https, ...settings }).platform);
  if (proxy === undefined) throw new Error("no proxy");
  return proxy;
}

const refusal = (proxy: object) => {
  try {
    settingsOf(proxy);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

describe("a proxy's settings", () => {
  it.each(["https://p.test:1", "http://p.test", "http://name:pass@p.test:1", "http://p.test:1/", "p.test:1"])(
    "refuse %s, which some part could not use",
    (address) => {
      expect(refusal({ https: address, addresses })).toContain("datalab:platform.proxy.https must be http://");
    },
  );

  it.each([".corp.test", "*.corp.test", "corp.test:443", "https://corp.test", "10.0.0.0/33"])(
    "refuse %s among what is called directly",
    (entry) => {
      expect(refusal({ https, addresses, none: [entry] })).toContain("datalab:platform.proxy.none[0] must be a name");
    },
  );

  it.each(["corp", "corp.test", "10.0.0.1", "10.0.0.0/8", "fd00::1", "fd00::/8"])("take %s", (entry) => {
    expect(refusal({ https, addresses, none: [entry] })).toBeUndefined();
  });

  it("want the addresses of a name, where walls are made of them", () => {
    const problems = (proxy: object, portal: object = {}) => {
      const { platform } = settingsOf({ https, addresses, ...proxy }, { services: { networkIsolation: false } });
      return proxyProblems({ platform, portal: settingsOf(undefined, portal).portal }).map(printed);
    };
    const cure =
      "pulumi config set --path 'datalab:platform.proxy.addresses[0]' '<network of its address, like 192.0.2.7/32>'";
    expect(problems({ addresses: [] })).toEqual([expect.objectContaining({ cure })]);
    expect(refusal({ https })).toContain(cure);
    expect(problems({ addresses })).toEqual([]);
    expect(problems({ addresses: [], https: "http://10.9.0.7:3128" })).toEqual([]);
    expect(problems({ addresses: [], https: "http://10.9.0.7:3128", http: https })).toHaveLength(1);
    expect(problems({ addresses: [] }, { services: { networkIsolation: false } })).toEqual([]);
  });
});

describe("what is called without the proxy", () => {
  const proxy = proxyWith({ none: ["corp.test", "203.0.113.0/24", "198.51.100.7", "2001:db8::/32"] });

  it.each([
    ["d.test", "auth.d.test", "x.s.test", "kubernetes.default.svc", "a.b.svc.cluster.local", "localhost"],
    ["corp.test", "charts.corp.test"],
    ["10.1.2.3", "192.168.1.1", "169.254.170.23", "127.0.0.1", "203.0.113.9", "198.51.100.7"],
  ])("is among others %s", (...hosts) => {
    expect(hosts.filter((host) => !isDirect(proxy, host))).toEqual([]);
  });

  it("is nothing else", () => {
    const hosts = ["example.org", "xd.test", "notcorp.test", "198.51.100.8", "203.0.114.1", "8.8.8.8"];
    expect(hosts.filter((host) => isDirect(proxy, host))).toEqual([]);
  });

  it("is written so that every program reads it: each name twice, networks once", () => {
    const list = noProxy(proxy).split(",");
    expect(list).toEqual(expect.arrayContaining(["d.test", ".d.test", "svc", ".svc", "corp.test", ".corp.test"]));
    expect(list.filter((entry) => entry === "203.0.113.0/24")).toHaveLength(1);
    expect(list).not.toContain(".203.0.113.0/24");
    expect(list).toHaveLength(new Set(list).size);
    expect(noProxy(proxyWith({ none: ["b.test", "a.test"] }))).toBe(noProxy(proxyWith({ none: ["a.test", "b.test"] })));
    expect(noProxy(proxy, "*.", "more").split(",")).toEqual(expect.arrayContaining(["d.test", "*.d.test", "more"]));
  });
});

describe("the way to the proxy", () => {
  it("is its port on its networks, or its port alone where they are not known", () => {
    const port = (number: number) => ({ port: number, protocol: "TCP" });
    expect(toProxy(undefined)).toEqual([]);
    expect(toProxy(proxyWith({}))).toEqual([{ to: [{ ipBlock: { cidr: "10.9.0.0/24" } }], ports: [port(3128)] }]);
    const byAddress = proxyWith({ addresses: [], https: "http://10.9.0.7:80", http: "http://10.9.0.8:81" });
    const to = [{ ipBlock: { cidr: "10.9.0.7/32" } }, { ipBlock: { cidr: "10.9.0.8/32" } }];
    expect(toProxy(byAddress)).toEqual([{ to, ports: [port(80), port(81)] }]);
    const { platform } = settingsOf({ https }, { services: { networkIsolation: false } });
    expect(toProxy(proxyOf(platform))).toEqual([{ ports: [port(3128)] }]);
  });

  it("is told in variables, with the API server's address", () => {
    const values = Object.fromEntries(proxyVariables(proxyWith({})).map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({ HTTP_PROXY: https, HTTPS_PROXY: https });
    expect(values["NO_PROXY"]?.split(",")).toContain("$(KUBERNETES_SERVICE_HOST)");
    expect(proxyVariables(proxyWith({ http: "http://other.test:81" }))[0]?.value).toBe("http://other.test:81");
    expect(proxyVariables(undefined)).toEqual([]);
  });

  it("is cert-manager's, for the controller alone", () => {
    const settings = installedCertManager(settingsOf(undefined));
    if (settings === undefined) throw new Error("not installed");
    const proxy = proxyWith({});
    const { values } = certManagerChart({ settings, protectData: false, outgoing: { proxy } });
    expect(values["extraEnv"]).toEqual(proxyVariables(proxy));
    expect(certManagerChart({ settings, protectData: false, outgoing: {} }).values).not.toHaveProperty("extraEnv");
    const egressOf = (given?: Proxy) => (acmePolicy(given).spec as { egress: unknown[] }).egress;
    expect(egressOf(proxy)).toEqual([...egressOf(), ...toProxy(proxy)]);
  });
});

describe("the platform with a proxy", () => {
  const catalogs = [
    inseeCharts,
    { id: "corp", name: "Corp", location: "https://charts.corp.test:8443" },
    { id: "near", name: "Near", location: "https://10.7.0.7:9443" },
  ];
  const given = { https, addresses, none: ["corp.test"] };
  const proxy = proxyWith(given);
  let graph: Graph<unknown>;
  let plain: Graph<unknown>;

  beforeAll(async () => {
    const settings = settingsOf(given, { catalogs });
    graph = await runGraph(() => datalab(planOf(settings), { charts: chartsFor(settings) }));
    const without = settingsOf(undefined, { catalogs });
    plain = await runGraph(() => datalab(planOf(without), { charts: chartsFor(without) }));
  }, 60_000);

  const policy = (of: Graph<unknown>, name: string) =>
    (find(of, "kubernetes:networking.k8s.io/v1:NetworkPolicy", name).inputs["spec"] as { egress: unknown[] }).egress;
  const configMap = (name: string) =>
    (find(graph, "kubernetes:core/v1:ConfigMap", name).inputs as { data: Record<string, string> }).data;
  const env = (of: Graph<unknown>, type: string, name: string) => {
    const { spec } = find(of, type, name).inputs as { spec: { template: { spec: { containers: Container[] } } } };
    return Object.fromEntries((spec.template.spec.containers[0]?.env ?? []).map((one) => [one.name, one.value]));
  };
  interface Container {
    readonly env?: readonly { readonly name: string; readonly value?: string }[];
  }

  it("asks for catalogues by it, and for those inside without it", () => {
    const api = env(graph, "kubernetes:apps/v1:Deployment", "portal-api-deployment");
    expect(api).toMatchObject({ "http.proxyHost": "proxy.corp.test", "http.proxyPort": "3128" });
    // The JVM knows no networks: hosts by their addresses stand there one by one.
    const direct = api["http.noProxy"]?.split(",") ?? [];
    expect(direct).toEqual(expect.arrayContaining(["*.corp.test", "10.7.0.7", "$(KUBERNETES_SERVICE_HOST)", "*.svc"]));
    expect(direct).not.toContain("inseefrlab.github.io");
    const egress = policy(graph, "portal-api-network-policy");
    expect(egress).toContainEqual(toProxy(proxy)[0]);
    const ports = (numbers: number[]) => ({ ports: numbers.map((port) => ({ port, protocol: "TCP" })) });
    expect(egress).toContainEqual(ports([8443, 9443]));
    expect(policy(plain, "portal-api-network-policy")).toContainEqual(ports([443, 8443, 9443]));
  });

  it("gives it to Keycloak, which may talk to it", () => {
    expect(env(graph, "kubernetes:apps/v1:StatefulSet", "keycloak-stateful-set")).toMatchObject({ HTTPS_PROXY: https });
    expect(policy(graph, "keycloak-network-policy")).toEqual([
      ...policy(plain, "keycloak-network-policy"),
      ...toProxy(proxy),
    ]);
  });

  it("gives it to users' services, in the form and in the region, and opens their walls for it", () => {
    const schema = JSON.parse(configMap("portal-schemas")["proxy.json"] ?? "") as Schema;
    const defaults = Object.entries(schema.properties).map(([name, field]) => [name, field.default]);
    const list = noProxy(proxy);
    expect(Object.fromEntries(defaults)).toEqual({ enabled: true, httpProxy: https, httpsProxy: https, noProxy: list });
    const [region] = JSON.parse(configMap("portal-api-config")["regions"] ?? "") as [{ proxyInjection: unknown }];
    expect(region.proxyInjection).toEqual({ httpProxyUrl: https, httpsProxyUrl: https, noProxy: list });
    // What the kubelet would fill in stands in no text of theirs.
    expect(list).not.toContain("$(");
    const file = configMap("portal-workspaces")["networkpolicies.datalab-connections.json"] ?? "{}";
    const walls = JSON.parse(file) as { spec?: { egress: unknown[] } };
    expect(walls.spec?.egress).toContainEqual(toProxy(proxy)[0]);
  });

  interface Schema {
    readonly properties: Readonly<Record<string, { readonly default: unknown }>>;
  }

  it("leaves no trace without one", () => {
    const text = JSON.stringify(plain.resources.map(({ inputs }) => inputs));
    expect(text.match(/"(HTTPS?_PROXY|NO_PROXY|http\.proxyHost|proxyInjection)"/)).toBeNull();
  });

  it("is what the doctor expects", () => {
    const expected = expectationsOf(settingsOf(given, { catalogs }));
    const [region] = JSON.parse(configMap("portal-api-config")["regions"] ?? "") as unknown[];
    expect(JSON.parse(JSON.stringify(expected.region))).toEqual(region);
    expect(expected.walls.templates.data).toEqual(configMap("portal-workspaces"));
  });
});
