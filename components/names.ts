/**
 * Fixed names of the platform: hosts, namespaces, Secrets.
 *
 * They are plain strings, never outputs, so that a preview prints them before any cluster exists.
 */

/** Namespaces that the platform creates. */
export const namespaces = {
  ingress: "datalab-ingress",
  certificates: "cert-manager",
  identity: "datalab-identity",
  objectStore: "datalab-storage",
  portal: "datalab-portal",
} as const;

/** Names of the TLS Secrets in the ingress namespace that hold the two wildcard certificates. */
export interface WildcardSecrets {
  readonly platform: string;
  readonly services: string;
}

/** Those that cert-manager fills. */
export const wildcardSecrets: WildcardSecrets = {
  platform: "wildcard-platform-tls",
  services: "wildcard-services-tls",
};

/**
 * Those with a certificate that a person brings. Their names differ: as long as an old Certificate is there, cert-manager
 * would take its own Secret back.
 */
export const providedWildcardSecrets: WildcardSecrets = {
  platform: "provided-platform-tls",
  services: "provided-services-tls",
};

/** Public hosts, all below the platform's domain. */
export interface Hosts {
  /** The domain itself, for example `example.org`. */
  readonly domain: string;
  /** Onyxia, `datalab.<domain>`. */
  readonly portal: string;
  /** Keycloak, `auth.<domain>`. */
  readonly identity: string;
  /** S3 API, `s3.<domain>`. */
  readonly objectStore: string;
  /** Console of the object store, `s3-console.<domain>`. */
  readonly objectStoreConsole: string;
  /** Domain of the user services, `lab.<domain>`; each service is one label below it. */
  readonly services: string;
}

/** Derives every public host from the domain, so that the portal and Keycloak always share their last two labels. */
export function hostsOf(domain: string): Hosts {
  return {
    domain,
    portal: `datalab.${domain}`,
    identity: `auth.${domain}`,
    objectStore: `s3.${domain}`,
    objectStoreConsole: `s3-console.${domain}`,
    services: `lab.${domain}`,
  };
}
