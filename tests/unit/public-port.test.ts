import { beforeAll, describe, expect, it } from "@jest/globals";

import type * as pulumi from "@pulumi/pulumi";

import { addressesOf } from "../../components/addresses.ts";
import { traefikArguments } from "../../components/ingress/traefik-arguments.ts";
import { toPublicHosts } from "../../components/kubernetes/network-policy.ts";
import { hostsOf } from "../../components/names.ts";
import { wayIn } from "../../commands/doctor/doctor.ts";
import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { WebClient } from "../../commands/doctor/web-client.ts";
import { movesOf } from "../../commands/flip/moves.ts";
import { datalab, type DatalabOutputs } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import { find, type Graph, runGraph } from "../support/graph.ts";
import { chartsFor } from "../support/stack-file.ts";

type Values = Record<string, Record<string, unknown>>;

function settingsOf(ingress: Record<string, unknown> = {}, others: Values = {}): Settings {
  const values: Values = {
    platform: { domain: "example.org" },
    cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
    ingress: { kind: "traefik", ...ingress },
    certificates: { issuer: "privateCa" },
    objectStore: { kind: "minio", console: true },
    ...others,
  };
  return parseSettings({ stack: "test", values, secretKeys: [] });
}

function problems(ingress: Record<string, unknown>, others: Values = {}): string[] {
  try {
    settingsOf(ingress, others);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(printed).map(({ path, message, cure }) => `${path.join(".")} ${message}\n${cure}`);
  }
}

const graphOf = (settings: Settings) =>
  runGraph(async () => Promise.resolve(datalab(planOf(settings), { charts: chartsFor(settings) })));

const nodePort = { serviceType: "NodePort", nodePorts: { http: 30080, https: 30443 }, publicPort: 30443 };

/** Every address of the platform's own, with what follows its host. */
function addressesIn(text: string): string[] {
  return text.match(/https:\/\/(datalab|auth|s3|s3-console|\*\.lab)\.example\.org(:[0-9]+)?/g) ?? [];
}

describe("addresses", () => {
  it("name a port that is not the usual one", () => {
    const hosts = hostsOf({ domain: "example.org" });
    expect(addressesOf(hosts, 8443)).toEqual({
      portal: "https://datalab.example.org:8443",
      identity: "https://auth.example.org:8443",
      objectStore: "https://s3.example.org:8443",
      objectStoreConsole: "https://s3-console.example.org:8443",
      services: "https://*.lab.example.org:8443",
    });
    expect(addressesOf(hosts).portal).toBe("https://datalab.example.org");
    expect(addressesOf(hosts, 443)).toEqual(addressesOf(hosts));
  });
});

describe("a platform at a port of the nodes", () => {
  let graph: Graph<DatalabOutputs>;
  let usual: Graph<DatalabOutputs>;
  beforeAll(async () => {
    graph = await graphOf(settingsOf(nodePort));
    usual = await graphOf(settingsOf());
  }, 60_000);

  it("has the port in every address that it writes, and nowhere by default", () => {
    for (const [{ resources }, ending] of [
      [graph, ":30443"],
      [usual, ".org"],
    ] as const) {
      const found = resources.flatMap(({ inputs }) => addressesIn(JSON.stringify(inputs)));
      expect(found.length).toBeGreaterThan(15);
      expect(found.filter((address) => !address.endsWith(ending))).toEqual([]);
    }
  });

  it("prints the addresses that work", () => {
    const { portal, identity, objectStore, objectStoreConsole, services } = graph.result;
    const printed = [portal, identity, objectStore, objectStoreConsole, services];
    expect(printed).toEqual(Object.values(addressesOf(hostsOf({ domain: "example.org" }), 30443)));
  });

  it("serves pods at the port too, by the controller's Service", () => {
    const { inputs } = find(graph, "kubernetes:core/v1:Service", "ingress-service");
    expect(inputs).toMatchObject({
      spec: {
        ports: [
          { port: 80, nodePort: 30080 },
          { port: 30443, targetPort: "https", nodePort: 30443 },
        ],
      },
    });
  });

  it("tells Onyxia, for the links to services", () => {
    const regionOf = ({ resources }: Graph<unknown>) =>
      JSON.stringify(resources.find(({ name }) => name === "portal-api-config")?.inputs);
    expect(regionOf(graph)).toContain(String.raw`\"ingressPort\":30443`);
    expect(regionOf(usual)).not.toContain("ingressPort");
  });
});

describe("what else knows the port", () => {
  it("Traefik's redirect", () => {
    const redirect = "--entryPoints.web.http.redirections.entryPoint.to=:8443";
    expect(traefikArguments({ proxyProtocolFrom: [], publicPort: 8443 })).toContain(redirect);
    expect(traefikArguments({ proxyProtocolFrom: [] }).join(" ")).not.toContain("redirections");
  });

  it("policies of pods that go over the load balancer", () => {
    const ingress = { namespace: "edge", podHttpsPort: 443, publicPort: 8443 };
    const rule = toPublicHosts({ clusterIp: undefined, caBundle: undefined, ingress });
    expect(rule).toEqual({ ports: [8443, 443].map((port) => ({ port, protocol: "TCP" })) });
  });

  it("a controller that was there", async () => {
    const existing = { kind: "existing", className: "nginx", namespace: "edge", address: "192.0.2.1" };
    const settings = settingsOf({ ...existing, clusterIp: "10.0.0.1", publicPort: 8443 });
    const { result } = await graphOf(settings);
    expect(result.portal).toBe("https://datalab.example.org:8443");
  });

  it("the commands that carry data over", () => {
    const before = settingsOf(nodePort);
    const resource = { urn: "urn:pulumi:test::datalab::a:MinioTenant$kubernetes:apps/v1:StatefulSet::object-store" };
    const [move] = movesOf([{ resource }] as unknown as Parameters<typeof movesOf>[0], before, before);
    expect(move?.before.join("\n")).toContain("https://s3.example.org:30443 ");
  });
});

describe("the doctor", () => {
  it("goes to the port of the addresses", () => {
    const { addresses, publicHosts, publicPorts, access, region, objectStore } = expectationsOf(settingsOf(nodePort));
    expect(addresses.portal).toBe("https://datalab.example.org:30443");
    expect(publicPorts).toEqual({ http: 30080, https: 30443 });
    expect(new Set(publicHosts.map(({ port }) => port))).toEqual(new Set(["30443"]));
    expect(access.issuerUrl).toBe("https://auth.example.org:30443/realms/datalab");
    expect(region.services.expose).toMatchObject({ ingressPort: 30443 });
    expect(objectStore?.endpoint).toBe("https://s3.example.org:30443");
    expect(expectationsOf(settingsOf({ publicPort: 8443 })).publicPorts).toEqual({ http: 80, https: 8443 });
    expect(expectationsOf(settingsOf())).toMatchObject({ publicPorts: { http: 80, https: 443 } });
  });

  it("tells its client both ports, and which hosts are the platform's own", () => {
    const { publicPorts, ownHosts } = wayIn(expectationsOf(settingsOf(nodePort)));
    expect(publicPorts).toEqual({ http: 30080, https: 30443 });
    expect(ownHosts).toContain("s3-console.example.org");
  });

  it("goes to another one for them where it is told to", async () => {
    const web = new WebClient({
      hosts: hostsOf({ domain: "example.test" }),
      address: "127.0.0.1",
      publicPorts: { http: 7, https: 8443 },
      httpsPort: 9,
      authorities: [],
      timeout: 5,
    });
    await expect(web.request("https://s3.example.test:8443/")).rejects.toThrow("127.0.0.1:9");
    await expect(web.request("https://s3.example.test:7/")).rejects.toThrow("127.0.0.1:7");
    await expect(web.request("http://s3.example.test/")).rejects.toThrow("127.0.0.1:7");
  });
});

describe("a platform at the ports of its nodes", () => {
  it("says where the names must lead, and opens the controller's namespace for those ports", async () => {
    const hosted = await graphOf(settingsOf({ serviceType: "HostPort" }));
    const { inputs } = find(hosted, "kubernetes:core/v1:Namespace", "ingress-namespace");
    expect(inputs).toMatchObject({ metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } } });
    expect(await valueOf(hosted.result.address)).toBe("the address of a node that the ingress controller runs on");
    expect(hosted.result.nodePorts).toBeUndefined();
  });
});

/** Of an output, after its program. */
function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((done) => output.apply(done));
}

describe("settings of the way in", () => {
  it("that go together are accepted", () => {
    expect(problems(nodePort)).toEqual([]);
    expect(problems({ publicPort: 8443 })).toEqual([]);
    expect(problems({ loadBalancerClass: "metallb" })).toEqual([]);
  });

  it.each([
    ["a port that HTTP has", { publicPort: 80 }, "must be another port than 80"],
    [
      "the node port of HTTP",
      { ...nodePort, publicPort: 30080 },
      "config set --path 'datalab:ingress.publicPort' '30443'",
    ],
    [
      "node ports beside ports of the node",
      { ...nodePort, serviceType: "HostPort" },
      "ingress.nodePorts has no meaning",
    ],
    [
      "a policy for a Service that nobody comes to",
      { serviceType: "HostPort", externalTrafficPolicy: "Cluster" },
      "config rm --path 'datalab:ingress.externalTrafficPolicy'",
    ],
    [
      "a class without a load balancer",
      { serviceType: "NodePort", loadBalancerClass: "metallb" },
      "config rm --path 'datalab:ingress.loadBalancerClass'",
    ],
  ])("with %s are refused", (_, ingress, said) => {
    const found = problems(ingress);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(said);
  });

  it("with ports of the nodes are refused beside records that need an address", () => {
    const others: Values = {
      aws: { accountId: "123456789012", region: "eu-west-3" },
      dns: { kind: "route53", zone: { kind: "existing", id: "Z0123456789" } },
    };
    const found = problems({ serviceType: "HostPort" }, others);
    expect(found.join()).toContain("ingress.serviceType is HostPort, which has no address");
    expect(problems({}, others)).toEqual([]);
  });

  it("with a port that AWS cannot ask at are refused beside S3", () => {
    const others: Values = {
      aws: { accountId: "123456789012", region: "eu-west-3" },
      certificates: { issuer: "existing", issuerName: "public" },
      objectStore: { kind: "s3" },
    };
    expect(problems({}, others)).toEqual([]);
    const found = problems({ publicPort: 8443 }, others);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("ingress.publicPort is not 443 beside S3");
  });

  it("that a load balancer of the platform's own has already are refused once, whatever else is there", () => {
    const cluster = {
      kind: "eks",
      clusterIdentifier: "prod",
      network: { kind: "new", zones: ["eu-west-3a", "eu-west-3b"] },
      publicAccessCidrs: ["203.0.113.0/24"],
      admins: ["arn:aws:iam::123456789012:role/operators"],
      nodeGroups: { platform: { instanceTypes: ["m7i.xlarge"], min: 2 } },
    };
    const others: Values = {
      aws: { accountId: "123456789012", region: "eu-west-3" },
      certificates: { issuer: "letsencrypt", environment: "production", email: "ops@example.org" },
      dns: { kind: "route53", zone: { kind: "new" } },
      cluster,
      objectStore: { kind: "s3" },
    };
    expect(problems({}, others)).toEqual([]);
    const given = { publicPort: 8443, ipFamilyPolicy: "PreferDualStack", loadBalancerClass: "a" };
    expect(
      problems(given, others)
        .map((problem) => problem.split(" ")[0])
        .toSorted(),
    ).toEqual(["ingress.ipFamilyPolicy", "ingress.loadBalancerClass", "ingress.publicPort"]);
  });
});
