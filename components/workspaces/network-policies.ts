/** NetworkPolicies that the platform puts into every workspace. */
import type * as k8s from "@pulumi/kubernetes";

import type { PublicHostAccess } from "../contracts.ts";
import { podsOf, toDns, toInternet, toPeers } from "../kubernetes/network-policy.ts";
import { type Proxy, toProxy } from "../kubernetes/proxy.ts";
import { apiServerConnectionName, connectionsName, labelsInWorkspace, placeholders } from "./names.ts";
import type { WorkspaceServices } from "./settings.ts";

type NetworkPolicy = k8s.networking.v1.NetworkPolicyArgs;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;

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
        toInternet(egress.deny),
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
