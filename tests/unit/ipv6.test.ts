import { beforeAll, describe, expect, it } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { ingressSettings, type TraefikSettings } from "../../components/ingress/settings.ts";
import { service } from "../../components/ingress/traefik-service.ts";
import { dnsOf } from "../../stacks/alternatives.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { find, type Graph, runGraph } from "../support/graph.ts";
import { chartsFor } from "../support/stack-file.ts";

const settings = parseSettings({
  stack: "test",
  values: {
    platform: { domain: "example.org" },
    cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
    dns: { clusterDns: "coredns" },
    ingress: { kind: "traefik" },
    certificates: { issuer: "privateCa" },
    objectStore: { kind: "minio" },
  },
  secretKeys: [],
});

interface Peer {
  readonly ipBlock?: { readonly cidr: string };
}

interface Policy {
  readonly spec: { readonly egress?: readonly { readonly to?: readonly Peer[] }[] };
}

describe("network policies of the platform", () => {
  let graph: Graph<unknown>;
  beforeAll(async () => {
    graph = await runGraph(async () => Promise.resolve(datalab(planOf(settings), { charts: chartsFor(settings) })));
  }, 60_000);

  it("open IPv6 wherever they open every address of IPv4", () => {
    const rules = graph.resources
      .filter(({ type }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy")
      .flatMap(({ inputs }) => (inputs as unknown as Policy).spec.egress ?? [])
      .map(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []));
    const anywhere = rules.filter((cidrs) => cidrs.includes("0.0.0.0/0"));
    expect(anywhere.length).toBeGreaterThanOrEqual(4);
    expect(anywhere.filter((cidrs) => !cidrs.some((cidr) => cidr.includes(":")))).toEqual([]);
  });
});

describe("the way in", () => {
  it("has the families that are asked for, and else those that the cluster gives", () => {
    const specOf = (given: object) =>
      service(ingressSettings.parse({ kind: "traefik", ...given }) as TraefikSettings).spec;
    expect(specOf({ ipFamilyPolicy: "PreferDualStack" })).toMatchObject({ ipFamilyPolicy: "PreferDualStack" });
    expect(specOf({})).not.toHaveProperty("ipFamilyPolicy");
  });

  it("has a record of each family for each name", async () => {
    const graph = await runGraph(async () => {
      const address = pulumi.output("192.0.2.1");
      const addresses = pulumi.output(["192.0.2.1", "2001:db8::1"]);
      const ingress = { address, addresses } as Parameters<typeof dnsOf>[1];
      const data = { records: pulumi.jsonStringify(dnsOf(planOf(settings), ingress, undefined).recordsToCreate) };
      new k8s.core.v1.ConfigMap("reader", { data });
      return Promise.resolve();
    });
    const { data } = find(graph, "kubernetes:core/v1:ConfigMap", "reader").inputs as { data: { records: string } };
    const records = JSON.parse(data.records) as { name: string; type: string; value: string }[];
    const portal = records.filter(({ name }) => name === "datalab.example.org");
    expect(portal.map(({ type, value }) => `${type} ${value}`).toSorted()).toEqual(["A 192.0.2.1", "AAAA 2001:db8::1"]);
  });
});
