/** Which names must lead to the ingress controller, and what a record for them says. */
import { z } from "zod";

import { PlatformError } from "../errors.ts";
import { domainName } from "../scalars.ts";
import type { Hosts } from "../names.ts";

/** A record as a person types it. */
export interface DnsRecord {
  /** Full name, without a dot at the end. */
  readonly name: string;
  readonly type: RecordType;
  readonly value: string;
}

export type RecordType = "A" | "AAAA" | "CNAME";

/** Names that people and programs call. Services get theirs all day, so that one is a wildcard. */
export function publicNames(publicHosts: readonly string[], hosts: Pick<Hosts, "services">): string[] {
  return [...publicHosts, servicesName(hosts)].toSorted();
}

/** The name that stands for every user service. */
export function servicesName({ services }: Pick<Hosts, "services">): string {
  return `*.${services}`;
}

/**
 * Type of a record that leads to an address.
 *
 * @throws PlatformError when the address is neither an IP address nor a host name
 */
export function recordType(address: string): RecordType {
  if (z.ipv4().safeParse(address).success) return "A";
  if (z.ipv6().safeParse(address).success) return "AAAA";
  if (domainName.safeParse(address.toLowerCase()).success) return "CNAME";
  throw new PlatformError(
    `no record can lead to "${address}": it is neither an IP address nor a host name`,
    "give the ingress controller a load balancer, or set dns.kind to none",
  );
}

/** The records to create by hand. */
export function recordsToCreate(names: readonly string[], address: string): DnsRecord[] {
  return names.map((name) => ({ name, type: typeOrA(address), value: address }));
}

/** An address that only a person can know is described in words, and becomes an IP address then. */
function typeOrA(address: string): RecordType {
  return address.includes(" ") ? "A" : recordType(address);
}
