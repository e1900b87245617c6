/** `ingress.visitors`, with what follows from the other settings. */
import type { LoadBalancedNodes } from "../components/contracts.ts";
import type { NetworkLoadBalancerArgs } from "../components/ingress/network-load-balancer.ts";
import { realmKeys, type Visitors } from "../components/ingress/visitors.ts";
import type { Plan } from "./plan.ts";

/** @param nodes Nodes that the stack makes: their pods have addresses of the VPC. */
export function visitorsOf(
  { hosts, ingress, identity, objectStore }: Plan,
  nodes: Pick<LoadBalancedNodes, "network"> | undefined,
): Visitors | undefined {
  if (ingress.kind !== "traefik" || ingress.visitors === undefined) return undefined;
  const { visitors, podNetworks = [] } = ingress;
  const pods = [...podNetworks, ...(nodes === undefined ? [] : [nodes.network.cidr])];
  // Such a store is asked by browsers, and asks the realm for its keys from wherever it is.
  const open = objectStore.kind === "minio" ? undefined : realmKeys(hosts.identity, identity.realm);
  return { networks: visitors, pods, open };
}

/** For the load balancer, which knows no hosts: what is open to everybody is so at its port for HTTPS. */
export function byPort(visitors: Visitors | undefined): NetworkLoadBalancerArgs["visitors"] {
  if (visitors === undefined) return undefined;
  // Pods never come that way: see the rule about `dns.resolvesInCluster`.
  const http = visitors.networks.toSorted();
  return visitors.open === undefined ? { http, https: http } : { http };
}
