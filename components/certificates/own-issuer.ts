import type { Hosts } from "../names.ts";
import type { IssuerPolicyArgs } from "./issuer-policy.ts";
import type { CertificatesSettings, LetsEncryptSettings } from "./settings.ts";

/** Name of the private authority's ClusterIssuer, and of the Secret with its key. */
export const privateCaName = "datalab-ca";

/** Name of Let's Encrypt's ClusterIssuer: each environment has an account of its own. */
export function letsEncryptName({ environment }: Pick<LetsEncryptSettings, "environment">): string {
  return `letsencrypt-${environment}`;
}

/**
 * What the issuer that the platform makes may be used for; undefined where it makes none.
 * @param ingressNamespace Namespace of the ingress controller, where the wildcards are.
 */
export function ownIssuerLimits(
  certificates: CertificatesSettings,
  hosts: Hosts,
  ingressNamespace: string,
): IssuerPolicyArgs | undefined {
  const issuerName = ownIssuerName(certificates);
  if (issuerName === undefined) return undefined;
  return { issuerName, namespace: ingressNamespace, domains: [hosts.domain, hosts.services] };
}

function ownIssuerName(certificates: CertificatesSettings): string | undefined {
  switch (certificates.issuer) {
    case "privateCa":
      return privateCaName;
    case "letsencrypt":
      return letsEncryptName(certificates);
    case "existing":
    case "provided":
      return undefined;
  }
}
