import { z } from "zod";

import { usualPort } from "../addresses.ts";
import { isNetworkAddress, networkOf } from "../aws/cidr.ts";
import { ipv6NetworkOf } from "../ipv6.ts";
import { dnsLabel, dnsSubdomain, resources } from "../scalars.ts";

const cidr = z.union([z.cidrv4(), z.cidrv6()], "must be a network such as 10.0.0.0/16");

/** A network whose text has one form: AWS refuses others, and nobody could tell two of the same. */
const network = z.string().superRefine((value, context) => {
  const message = networkProblem(value);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

function networkProblem(value: string): string | undefined {
  if (z.ipv4().safeParse(value).success) return `is one address: as a network it is ${value}/32`;
  if (z.ipv6().safeParse(value).success) return `is one address: as a network it is ${value}/128`;
  if (z.cidrv6().safeParse(value).success) return formProblem(value);
  if (!z.cidrv4().safeParse(value).success) return "must be a network like 192.0.2.0/24 or 2001:db8::/32";
  return isNetworkAddress(value) ? undefined : `must begin at its first address: ${networkOf(value)}`;
}

/** Newer API servers take no other form of IPv6. */
function formProblem(value: string): string | undefined {
  const usual = ipv6NetworkOf(value);
  return usual === value ? undefined : `must begin at its first address, in the usual form: ${usual}`;
}

const port = z.int().min(1).max(65535);

const publicPort = port
  .refine((value) => value !== 80, "must be another port than 80, which is that of HTTP")
  .default(usualPort)
  .describe(
    "Port of all public addresses, where it is not 443: with `NodePort` mostly `nodePorts.https`, or what a router forwards. The controller's Service has it too.",
  );

const nodePorts = z
  .strictObject({
    http: port.describe("Port for HTTP, which leads visitors on to HTTPS."),
    https: port.describe("Port for HTTPS."),
  })
  .refine(({ http, https }) => http !== https, {
    path: ["https"],
    message: "must be another port than that of `http`",
  });

const traefikSettings = z.strictObject({
  kind: z.literal("traefik").describe("`traefik`: the platform brings its own ingress controller."),
  replicas: z.int().min(1).max(10).default(1).describe("Number of the controller's pods."),
  resources: resources.prefault({ cpu: "100m", memory: "256Mi" }).describe("What each of its pods gets."),
  serviceType: z
    .enum(["LoadBalancer", "NodePort", "HostPort"])
    .default("LoadBalancer")
    .describe(
      "How the controller is reached from outside. `HostPort` takes the ports 80 and 443 of each node that one of its pods runs on, and needs nothing before them.",
    ),
  nodePorts: nodePorts
    .optional()
    .describe(
      "Ports of every node that lead to it, for a load balancer or a router that you set up before them. The cluster chooses some when absent. A cluster takes 30000 to 32767, unless its API server was told otherwise.",
    ),
  publicPort,
  ipFamilyPolicy: z
    .enum(["SingleStack", "PreferDualStack", "RequireDualStack"])
    .optional()
    .describe(
      "Whether its Service has addresses of IPv4 and IPv6, on a cluster with both. The cluster chooses when absent, mostly the first of its two.",
    ),
  serviceAnnotations: z
    .record(z.string(), z.string())
    .default({})
    .describe("Annotations of its Service, as your load balancer wants them."),
  loadBalancerClass: z.string().min(1, "must be a name").optional().describe("Which load balancer takes the Service."),
  externalTrafficPolicy: z
    .enum(["Local", "Cluster"])
    .default("Local")
    .describe("`Local` keeps the visitors' addresses, which allow lists compare."),
  proxyProtocolFrom: z
    .array(cidr)
    .default([])
    .describe("Networks of load balancers that send the visitor's address by proxy protocol."),
  visitors: z
    .array(network)
    .min(1, "must hold a network: nobody could come in. Leave it out to let everybody in")
    .optional()
    .describe("Networks that visitors may come from. Everybody may when absent."),
  podNetworks: z
    .array(network)
    .min(1, "must hold a network, or be left out")
    .optional()
    .describe(
      "Networks of the cluster's pods, which call the public names from inside: needed with `visitors`, but for a cluster of this stack, whose VPC they are in.",
    ),
  internal: z
    .boolean()
    .default(false)
    .describe(
      "Whether the load balancer of a cluster of this stack (`eks`) has private addresses alone. A change makes another one, and moves the records.",
    ),
});

const existingSettings = z.strictObject({
  kind: z.literal("existing").describe("`existing`: a controller that is already in the cluster."),
  className: dnsSubdomain.describe("IngressClass that it serves."),
  namespace: dnsLabel.describe("Namespace of its pods, for NetworkPolicies."),
  podHttpsPort: z.int().min(1).max(65535).default(443).describe("Port on which its pods serve HTTPS."),
  publicPort,
  address: z.string().min(1, "must be an address or a host name").describe("Its address from outside, for DNS."),
  clusterIp: z
    .union([z.ipv4(), z.ipv6()], "must be an IP address")
    .optional()
    .describe("Address of its Service inside the cluster; needed unless `dns.resolvesInCluster`."),
});

/** `datalab:ingress` */
export const ingressSettings = z.discriminatedUnion("kind", [traefikSettings, existingSettings]);

export type IngressSettings = z.infer<typeof ingressSettings>;
export type TraefikSettings = z.infer<typeof traefikSettings>;
export type ExistingIngressSettings = z.infer<typeof existingSettings>;
