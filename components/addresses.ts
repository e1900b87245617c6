/** Addresses that browsers and pods open: the one place where a host becomes one. */
import type { Hosts } from "./names.ts";

/** Port of an address that names none. */
export const usualPort = 443;

/** Public addresses, without a path. */
export interface Addresses {
  readonly portal: string;
  readonly identity: string;
  readonly objectStore: string;
  readonly objectStoreConsole: string;
  /** Pattern of the users' services. */
  readonly services: string;
}

/** The address of a host. @param port at which visitors come in; only another one than the usual is written */
export function addressOf(host: string, port: number = usualPort): string {
  return `https://${host}${port === usualPort ? "" : `:${port}`}`;
}

/** Addresses of all public hosts. @param port @default {@link usualPort} */
export function addressesOf(hosts: Omit<Hosts, "domain">, port?: number): Addresses {
  return {
    portal: addressOf(hosts.portal, port),
    identity: addressOf(hosts.identity, port),
    objectStore: addressOf(hosts.objectStore, port),
    objectStoreConsole: addressOf(hosts.objectStoreConsole, port),
    services: addressOf(`*.${hosts.services}`, port),
  };
}
