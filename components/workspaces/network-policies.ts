/** NetworkPolicies that the platform puts into every workspace. */
import type * as k8s from "@pulumi/kubernetes";

import type { PublicHostAccess } from "../contracts.ts";
import { podsOf, toDns, toPeers } from "../kubernetes/network-policy.ts";
import { type Proxy, toProxy } from "../kubernetes/proxy.ts";
import { apiServerConnectionName, connectionsName, labelsInWorkspace, placeholders } from "./names.ts";
import type { WorkspaceServices } from "./settings.ts";

type NetworkPolicy = k8s.networking.v1.NetworkPolicyArgs;
type EgressRule = k8s.types.input.networking.v1.NetworkPolicyEgressRule;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;

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
const ownPods: Peer = { podSelector: {} };

/**
 * Pods of a workspace talk to one another, are reached through the ingress controller, and reach the platform's public
 * hosts and the internet; nothing else: no neighbour, no node, no part of the platform by its Service.
 */
export function connections(
  { ingress }: Pick<PublicHostAccess, "ingress">,
  egress: WorkspaceServices["egress"],
  proxy?: Proxy,
): NetworkPolicy {
  const except = (cidrs: readonly string[]) => (cidrs.length === 0 ? {} : { except: cidrs.toSorted() });
  const internet: EgressRule = {
    to: [
      {
        ipBlock: { cidr: "0.0.0.0/0", ...except([...notInternet, ...egress.deny.filter((cidr) => !isIpv6(cidr))]) },
      },
      { ipBlock: { cidr: internetIpv6, ...except(egress.deny.filter(isIpv6)) } },
    ],
  };
  const opened = egress.allow.toSorted().map((cidr): Peer => ({ ipBlock: { cidr } }));
  return {
    metadata: { name: connectionsName, labels: labelsInWorkspace(connectionsName) },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [ownPods, podsOf(ingress.namespace)] }],
      egress: [
        toDns,
        { to: [ownPods] },
        toPeers([podsOf(ingress.namespace)], ingress.podHttpsPort),
        internet,
        ...(opened.length === 0 ? [] : [{ to: opened }]),
        ...toProxy(proxy),
      ],
    },
  };
}

/**
 * The way to the API server, for services that have a role in their namespace. Where it is only the cluster knows: the
 * launcher puts in what is `"@API_SERVER@"` here, a list of peers, and the number of the port behind the Service's 443.
 */
export function apiServerConnection() {
  return {
    metadata: { name: apiServerConnectionName, labels: labelsInWorkspace(apiServerConnectionName) },
    spec: {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: placeholders.apiServer,
          ports: [placeholders.apiServerPort, 443].map((port) => ({ port, protocol: "TCP" })),
        },
      ],
    },
  };
}
