/** `datalab:platform.proxy`: the proxy that leads out of a company's network. */
import type * as k8s from "@pulumi/kubernetes";
import { z } from "zod";

import { overlap } from "../aws/cidr.ts";
import { hostsOf, type PlatformDomains } from "../names.ts";
import { toNetworks } from "./network-policy.ts";

type EgressRule = k8s.types.input.networking.v1.NetworkPolicyEgressRule;

const proxyAddress = z
  .string()
  .regex(
    /^http:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?:[0-9]{1,5}$/,
    "must be http://<host>:<port>, without a login: the portal's API can send none",
  );

const direct = z.union(
  [
    z.cidrv4(),
    z.cidrv6(),
    z.ipv4(),
    z.ipv6(),
    z.string().regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*[a-z]([-a-z0-9]*[a-z0-9])?$/),
  ],
  "must be a name like example.org, which holds for all names below it, or an address or a network like 10.0.0.0/16",
);

const network = z.union([z.cidrv4(), z.cidrv6()], "must be a network such as 192.0.2.7/32");

/** `proxy` of `datalab:platform` */
export const proxySettings = z.strictObject({
  https: proxyAddress.describe("Proxy for addresses that begin with `https://`, as `http://<host>:<port>`."),
  http: proxyAddress.optional().describe("Proxy for addresses that begin with `http://`: that of `https` when absent."),
  none: z
    .array(direct)
    .default([])
    .describe(
      "What is called without it: names, each with all names below it, addresses and networks. The platform's own names, those of the cluster and private addresses are among them anyway.",
    ),
  addresses: z
    .array(network)
    .default([])
    .describe("Networks that its address lies in, for NetworkPolicies; needed where it is given by its name."),
});

export type ProxySettings = z.infer<typeof proxySettings>;

/** A proxy as pods use it. */
export interface Proxy {
  readonly http: string;
  readonly https: string;
  /** What is called without it: names with all names below them, and addresses and networks. */
  readonly direct: { readonly names: readonly string[]; readonly networks: readonly string[] };
  /** Where it is; without networks: anywhere. */
  readonly servers: { readonly networks: readonly string[]; readonly ports: readonly number[] };
}

/** Networks of pods, Services, nodes and machines nearby: no proxy leads to them. */
const privateNetworks = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** The proxy of the settings, with what follows from the others. */
export function proxyOf(platform: PlatformDomains & { readonly proxy?: ProxySettings | undefined }): Proxy | undefined {
  const { proxy } = platform;
  if (proxy === undefined) return undefined;
  const { https, http = https, addresses } = proxy;
  // Their order in a stack file means nothing.
  const none = proxy.none.toSorted();
  const { domain, services } = hostsOf(platform);
  const isName = (entry: string) => !entry.includes(":") && !isIpv4(entry.split("/")[0] ?? "");
  const urls = [new URL(https), new URL(http)];
  const hosts = urls.map(({ hostname }) => hostname).filter(isIpv4);
  // A name beside them may lead anywhere, unless its networks are given too.
  const known = addresses.length > 0 || hosts.length === urls.length;
  const networks = known ? [...hosts.map(networkOf), ...addresses] : [];
  return {
    http,
    https,
    direct: {
      names: unique(["localhost", "svc", "cluster.local", domain, services, ...none.filter(isName)]),
      networks: unique([...privateNetworks, ...none.filter((entry) => !isName(entry))]),
    },
    // `port` is empty where it is the one of the scheme.
    servers: { networks: unique(networks), ports: [...new Set(urls.map(({ port }) => Number(port || 80)))] },
  };
}

/** Whether a host, by its name or its IPv4 address, is called without the proxy. */
export function isDirect({ direct: { names, networks } }: Proxy, host: string): boolean {
  if (!isIpv4(host)) return names.some((name) => host === name || host.endsWith(`.${name}`));
  return networks.some((network) => !network.includes(":") && overlap(networkOf(host), networkOf(network)));
}

/**
 * The list of what is called without a proxy. Programs disagree on whether a name holds for the names below it: so each
 * stands there twice.
 *
 * @param below What stands before a name for those below it: a dot, or `*.` for Java.
 * @param more Further entries.
 */
export function noProxy({ direct: { names, networks } }: Proxy, below = ".", ...more: readonly string[]): string {
  return [...names.flatMap((name) => [name, `${below}${name}`]), ...networks, ...more].join(",");
}

/**
 * Variables that programs in Go and Java's Keycloak read. The API server is called by its address, which the kubelet puts
 * in: it need not be a private one.
 */
export function proxyVariables(proxy: Proxy | undefined): { readonly name: string; readonly value: string }[] {
  if (proxy === undefined) return [];
  return [
    { name: "HTTP_PROXY", value: proxy.http },
    { name: "HTTPS_PROXY", value: proxy.https },
    { name: "NO_PROXY", value: noProxy(proxy, ".", apiServerAddress) },
  ];
}

/** @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
export const apiServerAddress = "$(KUBERNETES_SERVICE_HOST)";

/** The way to the proxy. */
export function toProxy(proxy: Proxy | undefined): EgressRule[] {
  if (proxy === undefined) return [];
  const { networks, ports } = proxy.servers;
  if (networks.length > 0) return [toNetworks(networks, ...ports)];
  return [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }];
}

/** Whether a host is given by its address. */
export function isIpv4(host: string): boolean {
  return z.ipv4().safeParse(host).success;
}

function networkOf(addressOrNetwork: string): string {
  return addressOrNetwork.includes("/") ? addressOrNetwork : `${addressOrNetwork}/32`;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
