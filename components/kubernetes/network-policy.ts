/** NetworkPolicies: every namespace of the platform denies by default and opens what the graph needs. */
import type * as k8s from "@pulumi/kubernetes";

import { usualPort } from "../addresses.ts";
import type { ApiServerAddresses, PublicHostAccess } from "../contracts.ts";
import { labelsFor, selectorFor } from "./labels.ts";

type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type EgressRule = k8s.types.input.networking.v1.NetworkPolicyEgressRule;
type IngressRule = k8s.types.input.networking.v1.NetworkPolicyIngressRule;

/** Denies every connection of every pod in the namespace, both ways. */
export function denyAll(namespace: string): k8s.networking.v1.NetworkPolicyArgs {
  return {
    metadata: { name: "deny-all", namespace, labels: labelsFor("deny-all") },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
}

/** Opens connections of the pods named `workload`. */
export function allow(
  namespace: string,
  workload: string,
  rules: { readonly from?: readonly IngressRule[]; readonly to?: readonly EgressRule[] },
): k8s.networking.v1.NetworkPolicyArgs {
  return {
    metadata: { name: workload, namespace, labels: labelsFor(workload) },
    spec: {
      podSelector: { matchLabels: selectorFor(workload) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [...(rules.from ?? [])],
      egress: [...(rules.to ?? [])],
    },
  };
}

/** Pods of a namespace; all of them, or those named `workload`. */
export function podsOf(namespace: string, workload?: string): Peer {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    ...(workload === undefined ? {} : { podSelector: { matchLabels: selectorFor(workload) } }),
  };
}

/** Connections from the given peers to the given TCP ports of the selected pods. */
export function fromPeers(peers: readonly Peer[], ...ports: readonly number[]): IngressRule {
  return { from: [...peers], ports: tcp(ports) };
}

/** Connections of the selected pods to the given TCP ports of the given peers. */
export function toPeers(peers: readonly Peer[], ...ports: readonly number[]): EgressRule {
  return { to: [...peers], ports: tcp(ports) };
}

/** Connections of the selected pods to the given networks: to the given TCP ports, or to any. */
export function toNetworks(cidrs: readonly string[], ...ports: readonly number[]): EgressRule {
  return {
    to: cidrs.toSorted().map((cidr) => ({ ipBlock: { cidr } })),
    ...(ports.length === 0 ? {} : { ports: tcp(ports) }),
  };
}

/**
 * IPv4 networks that are not the internet: nodes, neighbours and other machines of the site are in the private ones, and
 * clouds hand out the nodes' credentials at a link-local address.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry/
 */
const notInternet = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
];

/**
 * All public addresses of IPv6.
 * @see https://www.iana.org/assignments/ipv6-address-space/
 */
const internetIpv6 = "2000::/3";

const isIpv6 = (cidr: string) => cidr.includes(":");

/** The internet. @param deny public networks that are closed nevertheless */
export function toInternet(deny: readonly string[] = []): EgressRule {
  const except = (cidrs: readonly string[]) => (cidrs.length === 0 ? {} : { except: cidrs.toSorted() });
  return {
    to: [
      {
        ipBlock: { cidr: "0.0.0.0/0", ...except([...notInternet, ...deny.filter((cidr) => !isIpv6(cidr))]) },
      },
      { ipBlock: { cidr: internetIpv6, ...except(deny.filter(isIpv6)) } },
    ],
  };
}

/** Name look-ups. Any destination: node-local caches have addresses outside the pod network. */
export const toDns: EgressRule = {
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
};

/** Calls to the API server. */
export function toApiServer(apiServer: ApiServerAddresses): EgressRule {
  return { to: apiServer.cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: tcp(apiServer.ports) };
}

/**
 * Calls to one of the platform's public hosts, which end at the ingress controller's pods. Without a ClusterIP the
 * hosts resolve to the load balancer, whose address is not known beforehand: then HTTPS to anywhere is opened.
 */
export function toPublicHosts(access: PublicHostAccess): EgressRule {
  const viaPods = toPeers([podsOf(access.ingress.namespace)], access.ingress.podHttpsPort);
  const { publicPort = usualPort, podHttpsPort } = access.ingress;
  return access.clusterIp === undefined ? { ports: tcp([publicPort, podHttpsPort]) } : viaPods;
}

/**
 * The agent of the node, which gives pods of EKS their credentials.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 */
export const toPodIdentityAgent: EgressRule = toNetworks(["169.254.170.23/32"], 80);

function tcp(ports: readonly number[]) {
  return ports.map((port) => ({ port, protocol: "TCP" }));
}
