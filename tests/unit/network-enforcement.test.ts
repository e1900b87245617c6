import { describe, expect, it } from "@jest/globals";

import {
  type AnnotatedNode,
  type DaemonSetOfTheCluster,
  networkPolicyNotes,
} from "../../checks/preflight/network-policies.ts";

function daemonSet(name: string, image = "", ...args: string[]): DaemonSetOfTheCluster {
  return {
    metadata: { namespace: "kube-system", name },
    spec: { template: { spec: { containers: [{ name: "a", image, args }] } } },
  };
}

function notes(daemonSets: readonly DaemonSetOfTheCluster[], gitVersion = "v1.35.1", nodes: AnnotatedNode[] = []) {
  return networkPolicyNotes("home", gitVersion, daemonSets, nodes).join();
}

const k3s = "v1.35.1+k3s1";

function server(...args: string[]): AnnotatedNode {
  return { metadata: { name: "server-1", annotations: { "k3s.io/node-args": JSON.stringify(["server", ...args]) } } };
}

describe("a cluster's network", () => {
  it.each([
    "calico-node",
    "canal",
    "rke2-canal",
    "cilium",
    "rke2-cilium",
    "anetd",
    "antrea-agent",
    "weave-net",
    "ovnkube-node",
    "ovnkube-node-dpu",
    "kube-ovn-cni",
    "azure-npm",
    "kube-router",
    "kube-network-policies",
  ])("enforces policies by %s, beside flannel too", (name) => {
    expect(notes([daemonSet(name)])).toBe("");
    expect(notes([daemonSet("kube-flannel-ds"), daemonSet(name)])).toBe("");
  });

  it.each([
    ["flannel", daemonSet("kube-flannel-ds", "flannel:v0.27"), "looks at no policy"],
    ["flannel", daemonSet("kube-flannel"), "Add Calico"],
    ["kube-router", daemonSet("kube-router", "", "--run-router=true", "--run-firewall=false"), "--run-firewall=true"],
    ["the Amazon VPC CNI", daemonSet("aws-node", "", "--enable-network-policy=false"), "enableNetworkPolicy"],
    ["the Amazon VPC CNI", daemonSet("aws-node", "amazon-k8s-cni:v1.12"), "enableNetworkPolicy"],
    ["kindnet", daemonSet("kindnet", "docker.io/kindest/kindnetd:v20240513-cd2ac642"), "kind 0.24"],
  ])("enforces none where it is %s as it stands", (network, one, cure) => {
    const note = notes([daemonSet("node-exporter"), one]);
    expect(note).toContain(`The cluster's network, ${network}, enforces no NetworkPolicies`);
    expect(note).toContain(cure);
    expect(note).toContain("`npm run doctor -- -s home` tries a connection");
  });

  it.each([
    ["flannel with policies", daemonSet("kube-flannel-ds", "registry/networking/kube-network-policies:v0.7.0")],
    ["kindnet of kind 0.24", daemonSet("kindnet", "docker.io/kindest/kindnetd:v20240813-c6f155d6")],
    ["the Amazon VPC CNI with its agent", daemonSet("aws-node", "", "--enable-network-policy=true")],
  ])("enforces policies where it is %s", (_, one) => {
    expect(notes([one])).toBe("");
  });

  it("is that of k3s, unless it was told not to", () => {
    expect(notes([], k3s, [server()])).toBe("");
    expect(notes([], k3s, [server("--disable-network-policy", "false")])).toBe("");
    const off = [server("--flannel-backend", "none", "--disable-network-policy", "true")];
    expect(notes([], k3s, off)).toContain("`--disable-network-policy` on server-1, and nothing else");
    expect(notes([daemonSet("cilium")], k3s, off)).toBe("");
  });

  it("is not guessed where nothing is recognized", () => {
    expect(notes([daemonSet("svclb-traefik"), daemonSet("my-calico-node-exporter")])).toMatch(
      /^Nothing that enforces NetworkPolicies was recognized .* no proof, but .*`npm run doctor -- -s home` tries/,
    );
  });
});
