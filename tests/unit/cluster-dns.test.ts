import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { ClusterDns } from "../../components/dns/cluster-dns.ts";
import { clusterDnsJob, role, roleBinding } from "../../components/dns/cluster-dns-job.ts";
import { clusterDnsOf, dnsSettings } from "../../components/dns/settings.ts";
import { find, runGraph, summary } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";

const args = { hosts: ["s3.d.test", "auth.d.test"], servicesDomain: "lab.d.test", address: "10.43.0.5" };

describe("ClusterDns", () => {
  const build = (preview = false) =>
    runGraph(
      () =>
        new ClusterDns("cluster-dns", {
          ...args,
          address: preview ? (pulumi.unknown as pulumi.Output<string>) : pulumi.output(args.address),
          apiServer: { cidrs: ["10.0.0.0/8"], ports: [6443] },
        }),
      { preview },
    );

  it("is a Job in a namespace of its own, with rights on two ConfigMaps", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      "datalab:dns:ClusterDns cluster-dns",
      "kubernetes:batch/v1:Job cluster-dns-job",
      "kubernetes:core/v1:Namespace cluster-dns-namespace",
      "kubernetes:core/v1:ServiceAccount cluster-dns-service-account",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy cluster-dns-deny-all",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy cluster-dns-network-policy",
      "kubernetes:rbac.authorization.k8s.io/v1:Role cluster-dns-role",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding cluster-dns-role-binding",
    ]);
  });

  it("fits together: account, rights, volumes, connections", async () => {
    expect(looseEnds(await build())).toEqual([]);
  });

  it("begins when its pod may speak, and may do what it has to", async () => {
    const { dependencies } = find(await build(), "kubernetes:batch/v1:Job", "cluster-dns-job");
    const needs = ["deny-all", "namespace", "network-policy", "role-binding"];
    expect(dependencies).toEqual(needs.map((suffix) => `cluster-dns-${suffix}`));
  });

  it("lets its pod reach DNS and the API server alone", async () => {
    const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
    const { inputs } = find(await build(), policy, "cluster-dns-network-policy");
    expect(inputs["spec"]).toMatchObject({
      ingress: [],
      egress: [
        { ports: [{ port: 53 }, { port: 53 }] },
        { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 6443, protocol: "TCP" }] },
      ],
    });
  });

  it("is named in the first preview, when its address is not known", async () => {
    const name = async (preview: boolean) => {
      const { inputs } = find(await build(preview), "kubernetes:batch/v1:Job", "cluster-dns-job");
      return (inputs["metadata"] as { name: string }).name;
    };
    expect(await name(true)).toBe(await name(false));
  });
});

describe("its Job", () => {
  const nameOf = (more: object) => (clusterDnsJob({ ...args, ...more }).metadata as { name: string }).name;

  it("is another one for other names, whatever their order", () => {
    expect(nameOf({ hosts: args.hosts.toReversed() })).toBe(nameOf({}));
    expect(nameOf({ hosts: ["auth.d.test"] })).not.toBe(nameOf({}));
    expect(nameOf({ servicesDomain: "e.test" })).not.toBe(nameOf({}));
    expect(nameOf({ imageMirror: "mirror.d.test" })).not.toBe(nameOf({}));
    expect(nameOf({ imageDigest: "sha256:1" })).not.toBe(nameOf({}));
  });

  it("hands the address on, which replaces it when it changes", () => {
    expect(nameOf({ address: "10.43.0.6" })).toBe(nameOf({}));
    expect(JSON.stringify(clusterDnsJob(args))).toContain('{"name":"ADDRESS","value":"10.43.0.5"}');
  });

  it("may read and change CoreDNS's two ConfigMaps, by their names", () => {
    expect(role()).toMatchObject({
      metadata: { namespace: "kube-system" },
      rules: [
        { resources: ["configmaps"], resourceNames: ["coredns"], verbs: ["get", "patch"] },
        { resources: ["configmaps"], resourceNames: ["coredns-custom"], verbs: ["create", "patch"] },
      ],
    });
    expect(roleBinding()).toMatchObject({
      metadata: { namespace: "kube-system" },
      subjects: [{ kind: "ServiceAccount", name: "cluster-dns", namespace: "datalab-dns" }],
    });
  });
});

describe("dns.clusterDns", () => {
  it.each([
    [{}, "coredns"],
    [{ resolvesInCluster: true }, "none"],
    [{ clusterDns: "none" }, "none"],
    [{ kind: "route53", zone: { kind: "new" } }, "coredns"],
  ])("of %j is %s", (settings, expected) => {
    expect(clusterDnsOf(dnsSettings.parse(settings))).toBe(expected);
  });
});
