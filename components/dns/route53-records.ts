import { Record } from "@pulumi/aws/route53/record.js";
import { Zone } from "@pulumi/aws/route53/zone.js";
import * as pulumi from "@pulumi/pulumi";

import type { IngressEndpoint } from "../contracts.ts";
import { recordType } from "./records.ts";
import type { Route53ZoneSettings } from "./settings.ts";

export interface Route53RecordsArgs {
  /** Domain of the platform, and of a zone that is made. */
  readonly domain: string;
  /** Names that lead to the ingress controller, as `publicNames` gives them. */
  readonly names: readonly string[];
  readonly zone: Route53ZoneSettings;
  /** Ids of other zones that are there already, by the name that each of them holds. @default none */
  readonly otherZones?: { readonly [name: string]: string } | undefined;
  /** Where they lead. Nothing but the records waits for it. */
  readonly ingress: Pick<IngressEndpoint, "address" | "alias">;
  /** Refuses to delete a zone that was made: another one has other name servers. @default false */
  readonly protectData?: boolean | undefined;
}

/** Seconds that others may remember an address. */
const timeToLive = 300;

/**
 * Records of the platform in a public zone of Route53.
 *
 * @example
 * ```ts
 * const names = ["*.lab.example.org", "auth.example.org"];
 * new Route53Records("dns", { domain: "example.org", names, zone: { kind: "new" }, ingress }, onAws);
 * ```
 */
export class Route53Records extends pulumi.ComponentResource {
  /** Known beforehand where the zone is there already. */
  readonly zoneId: pulumi.Output<string>;
  /** Name servers that the domain above must name; undefined where the zone is there already. */
  readonly nameServers: pulumi.Output<string[]> | undefined;

  constructor(name: string, args: Route53RecordsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:dns:Route53Records", name, { domain: args.domain, zone: args.zone }, opts);
    const child = { parent: this };
    const protectData = args.protectData === true;

    if (args.zone.kind === "new") {
      const zone = new Zone(
        `${name}-zone`,
        // What cert-manager may leave behind in it would stop its deletion.
        { name: args.domain, comment: `Platform of ${args.domain}`, forceDestroy: !protectData },
        { ...child, protect: protectData },
      );
      this.zoneId = zone.id;
      this.nameServers = zone.nameServers;
      zone.nameServers.apply((servers) => {
        void pulumi.log.info(delegationNotice(args.domain, servers), zone);
      });
    } else {
      this.zoneId = pulumi.output(args.zone.id);
    }

    for (const host of args.names) {
      const record = { zoneId: args.otherZones?.[host] ?? this.zoneId, name: host, ...targetOf(args.ingress) };
      new Record(`${name}-${host.replace("*", "any")}`, record, child);
    }

    this.registerOutputs({ zoneId: this.zoneId, nameServers: this.nameServers });
  }
}

/** What a person does for a zone that was made, told while certificates wait for it. */
export function delegationNotice(domain: string, nameServers: readonly string[]): string {
  const servers = nameServers.toSorted().join(", ");
  return `The domain above must name these servers for ${domain}: ${servers}. Until it does nobody finds the platform, and Let's Encrypt issues nothing. \`dig +short NS ${domain}\` shows whether it does.`;
}

function targetOf({ alias, address }: Route53RecordsArgs["ingress"]) {
  if (alias !== undefined) {
    // Follows the load balancer's addresses, and costs nothing to ask.
    return { type: "A", aliases: [{ name: alias.dnsName, zoneId: alias.zoneId, evaluateTargetHealth: false }] };
  }
  return { type: address.apply(recordType), ttl: timeToLive, records: [address] };
}
