/**
 * Fixed names of the platform: hosts, namespaces, Secrets.
 *
 * They are plain strings, never outputs, so that a preview prints them before any cluster exists.
 */

/** Namespaces that the platform creates. */
export const namespaces = {
  ingress: "datalab-ingress",
  certificates: "cert-manager",
  dns: "datalab-dns",
  identity: "datalab-identity",
  objectStore: "datalab-storage",
  packages: "datalab-packages",
  catalogue: "datalab-catalogue",
  basicJupyter: "datalab-basics",
  notebooks: "datalab-notebooks",
  portal: "datalab-portal",
} as const;

/** Secret with a client's id and secret. */
export function clientSecretName(clientId: string): string {
  return `oidc-client-${clientId}`;
}

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

/** Where the platform's names lie. */
export interface PlatformDomains {
  /** @example "example.org" */
  readonly domain: string;
  /** Domain of the user services: below the platform's, or somewhere else. @default `lab.<domain>` */
  readonly servicesDomain?: string | undefined;
}

/** Public hosts: all below the platform's domain, except the services where theirs is another. */
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
  /** Domain of the user services; each service is one label below it. */
  readonly services: string;
}

/** Derives every public host from the domains, so that the portal and Keycloak always share their last two labels. */
export function hostsOf({ domain, servicesDomain }: PlatformDomains): Hosts {
  return {
    domain,
    portal: `datalab.${domain}`,
    identity: `auth.${domain}`,
    objectStore: `s3.${domain}`,
    objectStoreConsole: `s3-console.${domain}`,
    services: servicesDomain ?? `lab.${domain}`,
  };
}

/**
 * Why users' services must not have this domain, as the rest of a sentence; undefined where they may. Pages below it set
 * cookies for it and for the domains above it, up to the one that is registered.
 */
export function servicesDomainProblem(platform: PlatformDomains): string | undefined {
  const { domain, services, ...platformHosts } = hostsOf(platform);
  if (services === domain) return "is the platform's own domain: services would take the platform's names";
  if (domain.endsWith(`.${services}`)) return "lies above the platform's domain: services would take its names";
  const host = Object.values(platformHosts).find((name) => services === name || services.endsWith(`.${name}`));
  return host === undefined ? undefined : `is in the place of ${host}, a host of the platform`;
}
