/** Where things stand in the platform's own directory. */
import type { DirectoryAccount } from "./names.ts";

/** Entries that everything else lies below. */
export interface DistinguishedNames {
  readonly base: string;
  readonly people: string;
  readonly groups: string;
  readonly services: string;
  readonly policies: string;
}

/** @param domain the platform's. @example "example.org", whose directory begins at `dc=example,dc=org` */
export function distinguishedNames(domain: string): DistinguishedNames {
  const base = domain
    .split(".")
    .map((label) => `dc=${label}`)
    .join(",");
  return {
    base,
    people: `ou=people,${base}`,
    groups: `ou=groups,${base}`,
    services: `ou=services,${base}`,
    policies: `ou=policies,${base}`,
  };
}

/** Name of an account of the directory itself. */
export function accountDn(domain: string, account: DirectoryAccount): string {
  const { base, services } = distinguishedNames(domain);
  return account === "root" ? `cn=root,${base}` : `cn=${account},${services}`;
}
