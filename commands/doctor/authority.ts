import { joined } from "../../components/certificates/authorities.ts";
import { namespaces } from "../../components/names.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";

/** Where the authority stands that the platform's certificates come from. */
export type AuthoritySource =
  /** `staging`: Let's Encrypt's, whose certificates nobody trusts. */
  | { readonly kind: "public"; readonly staging: boolean }
  | { readonly kind: "settings"; readonly pem: string }
  | { readonly kind: "cluster"; readonly namespace: string };

/** By the settings. */
export function authorityOf({ certificates, platform }: Settings): AuthoritySource {
  switch (certificates.issuer) {
    case "privateCa":
      return { kind: "cluster", namespace: namespaces.portal };
    case "letsencrypt":
      return { kind: "public", staging: certificates.environment === "staging" };
    case "existing":
    case "provided":
      return settingsAuthority([certificates.caBundle, platform.authorities].flatMap((pem) => pem ?? []));
  }
}

function settingsAuthority(given: readonly string[]): AuthoritySource {
  return given.length === 0 ? { kind: "public", staging: false } : { kind: "settings", pem: joined(...given) };
}
