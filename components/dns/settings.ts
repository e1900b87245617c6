import { z } from "zod";

const resolvesInCluster = z
  .boolean()
  .default(false)
  .describe("Whether pods reach the public hosts by their names, over DNS and the load balancer.");

const clusterDns = z
  .enum(["coredns", "none"])
  .optional()
  .describe(
    "`coredns`: the cluster's CoreDNS is told the public hosts, so that users' pods find them. `none`: its DNS stays as it is. When absent: `coredns`, or `none` with `resolvesInCluster`.",
  );

const none = z.strictObject({
  kind: z.literal("none").default("none").describe("`none`: you create the records that the outputs list."),
  resolvesInCluster,
  clusterDns,
});

const zoneId = z.string().regex(/^Z[A-Z0-9]{7,31}$/, "must be the id of a hosted zone, like Z0123456789ABCDEFGHIJ");

const existingZone = z.strictObject({
  kind: z.literal("existing").describe("`existing`: a public hosted zone that is there already."),
  id: zoneId.describe("Its id. The zone must be that of the domain, or of a domain above it."),
});

const newZone = z.strictObject({
  kind: z.literal("new").describe("`new`: a zone for the domain, whose name servers are an output."),
});

const route53 = z.strictObject({
  kind: z.literal("route53").describe("`route53`: the records are made in a public hosted zone of Route 53."),
  zone: z.discriminatedUnion("kind", [existingZone, newZone]).describe("The zone."),
  servicesZoneId: zoneId
    .optional()
    .describe("Id of the zone that holds `platform.servicesDomain`; needed unless that lies below the domain."),
  resolvesInCluster,
  clusterDns,
});

/** `datalab:dns` */
export const dnsSettings = z.discriminatedUnion("kind", [none, route53]);

export type DnsSettings = z.infer<typeof dnsSettings>;
export type Route53ZoneSettings = z.infer<typeof route53>["zone"];

/** Who tells the cluster's DNS, with the default filled in. */
export function clusterDnsOf({ clusterDns, resolvesInCluster }: DnsSettings): "coredns" | "none" {
  return clusterDns ?? (resolvesInCluster ? "none" : "coredns");
}

/** Id of the zone of the user services; undefined where it is the platform's. */
export function servicesZoneOf(dns: DnsSettings): string | undefined {
  return dns.kind === "route53" ? dns.servicesZoneId : undefined;
}
