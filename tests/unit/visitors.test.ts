import { describe, expect, it } from "@jest/globals";

import { ingressSettings, type TraefikSettings } from "../../components/ingress/settings.ts";
import { deployment } from "../../components/ingress/traefik.ts";
import { traefikArguments } from "../../components/ingress/traefik-arguments.ts";
import { service } from "../../components/ingress/traefik-service.ts";
import {
  realmKeys,
  type Visitors,
  visitorsArguments,
  visitorsConfigMap,
  visitorsConfiguration,
} from "../../components/ingress/visitors.ts";
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { planOf } from "../../stacks/plan.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { byPort, visitorsOf } from "../../stacks/visitors.ts";
import { combinationValues } from "../support/combination-settings.ts";

type Values = Record<string, Record<string, unknown>>;

const home: Values = {
  platform: { domain: "example.org" },
  cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "k" },
  ingress: { kind: "traefik" },
  certificates: { issuer: "privateCa" },
  objectStore: { kind: "minio" },
};
const eksValues: Values = combinationValues({
  cluster: "eks",
  dns: "route53",
  ingress: "traefik",
  certificates: "letsencrypt",
  objectStore: "minio",
});
const s3: Values = { objectStore: { kind: "s3" } };

const withIngress = (ingress: object, base = home): Values => ({ ...base, ingress: { kind: "traefik", ...ingress } });
const onAws = (ingress: object, more: Values = {}) => withIngress(ingress, { ...eksValues, ...more });

function problems(values: Values) {
  try {
    parseSettings({ stack: "test", values, secretKeys: [] });
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(printed).map(({ path, message, cure }) => ({
      path: yamlPath(path).replace("datalab:", ""),
      message,
      cure,
    }));
  }
}

const told = (values: Values) => problems(values).map(({ path, message }) => `${path} ${message}`);

const planFor = (values: Values) => planOf(parseSettings({ stack: "test", values, secretKeys: [] }));
const traefikOf = (ingress: object) => ingressSettings.parse({ kind: "traefik", ...ingress }) as TraefikSettings;

const podNetworks = ["10.42.0.0/16"];
const list: Visitors = { networks: ["192.0.2.0/24", "2001:db8::/32"], pods: podNetworks };
const open = realmKeys("auth.example.org", "datalab");

describe("the list of visitors", () => {
  it.each<[string, object, string]>([
    [
      "an empty list",
      { visitors: [] },
      "ingress.visitors must hold a network: nobody could come in. Leave it out to let everybody in",
    ],
    ["one address", { visitors: ["192.0.2.7"] }, "ingress.visitors[0] is one address: as a network it is 192.0.2.7/32"],
    [
      "one address of IPv6",
      { visitors: ["2001:db8::7"] },
      "ingress.visitors[0] is one address: as a network it is 2001:db8::7/128",
    ],
    [
      "a network that begins in its middle",
      { visitors: ["192.0.2.7/24"] },
      "ingress.visitors[0] must begin at its first address: 192.0.2.0/24",
    ],
    [
      "a network of IPv6 that begins in its middle",
      { visitors: ["2001:db8:0:1::7/48"] },
      "ingress.visitors[0] must begin at its first address, in the usual form: 2001:db8::/48",
    ],
    [
      "another form of IPv6",
      { visitors: ["2001:0DB8:0:0::/32"] },
      "ingress.visitors[0] must begin at its first address, in the usual form: 2001:db8::/32",
    ],
    [
      "a name",
      { visitors: ["office.example.org"] },
      "ingress.visitors[0] must be a network like 192.0.2.0/24 or 2001:db8::/32",
    ],
    [
      "the same twice",
      { visitors: ["192.0.2.0/24", "192.0.2.0/24"] },
      "ingress.visitors[1] stands at `visitors[0]` already",
    ],
    [
      "everybody beside others",
      { visitors: ["192.0.2.0/24", "0.0.0.0/0"] },
      "ingress.visitors[1] is 0.0.0.0/0, which is everybody: the others say nothing beside it",
    ],
    [
      "addresses that nobody sees",
      { visitors: ["192.0.2.0/24"], externalTrafficPolicy: "Cluster" },
      "ingress.externalTrafficPolicy is Cluster, which hides the addresses that `visitors` lists",
    ],
    [
      "private addresses of a load balancer that is not the stack's",
      { visitors: ["192.0.2.0/24"], internal: true },
      "ingress.internal is for a cluster of this stack (`eks`): tell another load balancer by `serviceAnnotations`",
    ],
  ])("refuses %s", (_, ingress, problem) => {
    expect(told(withIngress({ podNetworks, ...ingress }))).toEqual([problem]);
  });

  it("names the last of two mistakes first: its cure moves no other", () => {
    const visitors = ["192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24"];
    expect(problems(withIngress({ visitors, podNetworks })).map(({ cure }) => cure)).toEqual([
      "pulumi config rm --path 'datalab:ingress.visitors[2]'",
      "pulumi config rm --path 'datalab:ingress.visitors[1]'",
    ]);
  });

  it("is not emptied by the cures of everybody who stands in it twice", () => {
    const visitors = ["0.0.0.0/0", "0.0.0.0/0"];
    expect(problems(withIngress({ visitors, podNetworks })).map(({ path }) => path)).toEqual(["ingress.visitors[1]"]);
  });

  it("has an entry changed before others are taken away", () => {
    const visitors = ["192.0.2.0/24", "192.0.2.0/24", "2001:db8::/32"];
    expect(problems(onAws({ visitors })).map(({ path }) => path)).toEqual([
      "ingress.visitors[2]",
      "ingress.visitors[1]",
    ]);
  });

  it("is not told twice of a policy that means nothing", () => {
    const ingress = { visitors: ["192.0.2.0/24"], podNetworks, serviceType: "HostPort" };
    expect(told(withIngress(ingress))).toEqual([]);
    expect(problems(withIngress({ ...ingress, externalTrafficPolicy: "Cluster" }))).toEqual([
      expect.objectContaining({
        path: "ingress.externalTrafficPolicy",
        cure: "pulumi config rm --path 'datalab:ingress.externalTrafficPolicy'",
      }),
    ]);
  });

  it("wants to know the pods' networks, which it would shut out, and means nothing else by them", () => {
    const visitors = ["192.0.2.0/24"];
    expect(told(withIngress({ visitors }))).toEqual([
      "ingress.podNetworks is missing beside `visitors`: pods call the public names from inside, and would be refused",
    ]);
    expect(told(withIngress({ podNetworks }))).toEqual(["ingress.podNetworks means nothing without `visitors`"]);
    expect(told(onAws({ visitors }))).toEqual([]);
  });

  it.each([
    { visitors: ["0.0.0.0/0"], podNetworks },
    { visitors: ["0.0.0.0/0", "2001:db8::/32"], podNetworks },
    { visitors: ["192.0.2.0/24", "2001:db8::/32"], podNetworks },
    { visitors: ["::/0", "192.0.2.7/32"], podNetworks },
    { visitors: ["::1/128", "2001:db8:1:2:3:4:5:6/128", "fd00:1::/64", "8000::/1"], podNetworks },
    {
      visitors: ["192.0.2.0/24"],
      podNetworks,
      externalTrafficPolicy: "Cluster",
      proxyProtocolFrom: ["10.0.0.0/24"],
    },
    { visitors: ["192.0.2.0/24"], podNetworks, serviceType: "NodePort" },
  ])("takes %j", (ingress) => {
    expect(told(withIngress(ingress))).toEqual([]);
  });

  it("is of IPv4 on AWS, and as long as a security group may be", () => {
    expect(told(onAws({ visitors: ["2001:db8::/32"] }))).toEqual([
      "ingress.visitors[0] is a network of IPv6: the load balancer on AWS has IPv4 addresses alone",
    ]);
    const many = Array.from({ length: 32 }, (_, index) => `10.${index}.0.0/16`);
    // No command: which of them may go, it could not know.
    expect(problems(onAws({ visitors: many }))).toEqual([
      {
        path: "ingress.visitors",
        message: "holds 32 networks, and AWS takes 30: name fewer, larger ones",
        cure: "In the stack file, change what stands below `datalab:ingress.visitors`.",
      },
    ]);
    expect(told(onAws({ visitors: many.slice(2) }))).toEqual([]);
  });

  it("and private addresses leave the platform's own ways open on AWS", () => {
    expect(told(onAws({ internal: true }))).toEqual([]);
    expect(told(onAws({ internal: true }, s3))).toEqual([
      "ingress.internal is true beside S3: AWS asks Keycloak for its keys, and comes from the internet",
    ]);
    expect(told(onAws({ visitors: ["192.0.2.0/24"] }, s3))).toEqual([]);
    const dns = { ...eksValues["dns"], resolvesInCluster: true };
    for (const ingress of [{ internal: true }, { visitors: ["192.0.2.0/24"] }]) {
      expect(problems(onAws(ingress, { dns })).map(({ path, cure }) => [path, cure])).toEqual([
        ["dns.resolvesInCluster", "pulumi config set --path 'datalab:dns.resolvesInCluster' 'false'"],
      ]);
    }
    expect(told(onAws({}, { dns }))).toEqual([]);
  });
});

describe("who may come in", () => {
  const network = (cidr: string) => ({ network: { cidr } }) as never;

  it("is everybody without a list", () => {
    expect(visitorsOf(planFor(home), undefined)).toBeUndefined();
    expect(byPort(undefined)).toBeUndefined();
  });

  it("is the list, and the pods: on AWS those of the VPC too", () => {
    const visitors = ["192.0.2.0/24"];
    expect(visitorsOf(planFor(withIngress({ visitors, podNetworks })), undefined)).toEqual({
      networks: visitors,
      pods: podNetworks,
      open: undefined,
    });
    expect(visitorsOf(planFor(onAws({ visitors, podNetworks })), network("10.0.0.0/16"))).toMatchObject({
      pods: ["10.42.0.0/16", "10.0.0.0/16"],
    });
  });

  it("is everybody for the realm's keys, where the store asks for them from outside", () => {
    const visitors = ["198.51.100.0/24", "192.0.2.0/24"];
    const onS3 = visitorsOf(planFor(onAws({ visitors }, s3)), network("10.0.0.0/16"));
    expect(onS3?.open).toEqual({
      host: "auth.d.test",
      paths: ["/realms/datalab/.well-known/openid-configuration", "/realms/datalab/protocol/openid-connect/certs"],
    });
    // The load balancer knows no hosts: on 443 it lets everybody in, and Traefik alone keeps the list.
    expect(byPort(onS3)).toEqual({ http: visitors.toSorted() });
    const inside = visitorsOf(planFor(onAws({ visitors })), network("10.0.0.0/16"));
    expect(byPort(inside)).toEqual({ http: visitors.toSorted(), https: visitors.toSorted() });
  });
});

describe("Traefik's list", () => {
  const of = (visitors: Visitors) =>
    visitorsConfiguration(visitors) as {
      http: {
        routers: Record<string, { rule: string; priority: number; entryPoints: string[]; middlewares: string[] }>;
        middlewares: { visitors: { ipAllowList: { sourceRange: string[] } } };
      };
    };

  it("matches strangers at both ports before any Ingress, and turns them away", () => {
    const { routers, middlewares } = of(list).http;
    const known = ["10.42.0.0/16", "192.0.2.0/24", "2001:db8::/32"];
    expect(Object.values(routers).map(({ entryPoints }) => entryPoints)).toEqual([["web"], ["websecure"]]);
    for (const { rule, priority, middlewares: used } of Object.values(routers)) {
      expect(rule).toBe(known.map((cidr) => `!ClientIP(\`${cidr}\`)`).join(" && "));
      // An Ingress's router has the length of its rule, and an object of Kubernetes has 1.5 MiB at most.
      expect(priority).toBeGreaterThan(2 ** 21);
      expect(used).toEqual(["visitors"]);
    }
    expect(middlewares.visitors.ipAllowList.sourceRange).toEqual(known);
  });

  it("comes before what leads plain HTTP to another port", () => {
    const option = "--entryPoints.web.http.redirections.entryPoint.priority=";
    const [redirect] = traefikArguments({ proxyProtocolFrom: [], publicPort: 8443 })
      .filter((argument) => argument.startsWith(option))
      .map((argument) => Number(argument.slice(option.length)));
    expect(redirect).toBeGreaterThan(2 ** 21);
    expect(of(list).http.routers["strangers"]?.priority).toBeGreaterThan(redirect!);
  });

  it("leaves out what is open, on its host alone", () => {
    expect(of({ ...list, open }).http.routers["strangers-tls"]?.rule).toMatch(
      / && !\(Host\(`auth\.example\.org`\) && \(Path\(`\/realms\/datalab\/\.well-known\/openid-configuration`\) \|\| Path\(`\/realms\/datalab\/protocol\/openid-connect\/certs`\)\)\)$/,
    );
  });

  it("is the same in whatever order it is written", () => {
    const turned = { networks: list.networks.toReversed(), pods: list.pods.toReversed() };
    expect(visitorsConfiguration(turned)).toEqual(visitorsConfiguration(list));
  });

  it("lies where the pod's command line looks, and makes new pods when it changes", () => {
    const pod = (visitors?: Visitors) => {
      const { template } = deployment(traefikOf({}), "image", undefined, visitors).spec as {
        template: {
          metadata: { annotations?: Record<string, string> };
          spec: { containers: { args: string[]; volumeMounts: object[] }[]; volumes: object[] };
        };
      };
      return template;
    };
    const { metadata, spec } = pod(list);
    const [container] = spec.containers;
    const { metadata: stored, data } = visitorsConfigMap(list) as {
      metadata: { name: string };
      data: Record<string, string>;
    };
    const [file] = Object.keys(data);
    expect(container?.args).toEqual(expect.arrayContaining(visitorsArguments));
    expect(container?.args).toContain(`--providers.file.filename=/etc/traefik/visitors/${file}`);
    expect(container?.volumeMounts).toContainEqual({
      name: "visitors",
      mountPath: "/etc/traefik/visitors",
      readOnly: true,
    });
    expect(spec.volumes).toContainEqual({ name: "visitors", configMap: { name: stored.name } });
    expect(JSON.parse(data[file!]!)).toEqual(visitorsConfiguration(list));
    // Traefik reads it as a template first.
    expect(data[file!]).not.toContain("{{");
    expect(metadata.annotations).not.toEqual(pod({ ...list, pods: [] }).metadata.annotations);
    expect(pod()).not.toHaveProperty("metadata.annotations");
    expect(pod().spec.containers[0]?.args.join()).not.toContain("providers.file");
  });
});

describe("the Service", () => {
  const ranges = (settings: object, visitors: Visitors = list) =>
    (service(traefikOf(settings), undefined, visitors).spec as { loadBalancerSourceRanges?: string[] })
      .loadBalancerSourceRanges;

  it("tells its load balancer the list, and the pods, whom kube-proxy sends past it", () => {
    expect(ranges({})).toEqual(["10.42.0.0/16", "192.0.2.0/24", "2001:db8::/32"]);
  });

  it("does not where it could not, or where somebody else must come in too", () => {
    expect(ranges({ serviceType: "NodePort" })).toBeUndefined();
    expect(ranges({ proxyProtocolFrom: ["10.0.0.0/24"] })).toBeUndefined();
    expect(ranges({}, { ...list, open })).toBeUndefined();
    const fixed = service(traefikOf({}), { http: 30080, https: 30443, health: 30081 }, list);
    expect(fixed.spec).not.toHaveProperty("loadBalancerSourceRanges");
  });
});
