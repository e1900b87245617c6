import type { Database } from "../contracts.ts";
import { adminSecret, httpPort, managementPort, reconcileClient, reconcileSecret } from "./names.ts";

/** Folder of Keycloak in its image. */
export const keycloakHome = "/opt/keycloak";

export interface ServerOptions {
  /** Public address, without a path. */
  readonly url: string;
  readonly replicas: number;
}

/**
 * Plain options, as environment variables.
 * @see https://www.keycloak.org/server/all-config
 */
export function serverEnvironment({ url, replicas }: ServerOptions): Record<string, string> {
  return {
    // A full address fixes scheme, host and issuer, whichever way a request comes in; the reconcile Job's included.
    KC_HOSTNAME: url,
    // The ingress controller ends TLS and says so in X-Forwarded headers; nobody else reaches the port.
    KC_HTTP_ENABLED: "true",
    KC_HTTP_PORT: String(httpPort),
    KC_HTTP_MANAGEMENT_PORT: String(managementPort),
    KC_PROXY_HEADERS: "xforwarded",
    KC_HEALTH_ENABLED: "true",
    KC_METRICS_ENABLED: "true",
    // Several pods find each other through the database; a single one has nobody to look for.
    KC_CACHE: replicas > 1 ? "ispn" : "local",
  };
}

type Variable =
  { readonly name: string; readonly value: string } | { readonly name: string; readonly valueFrom: object };

/** Options of a server in a pod: the plain ones, its database, and the first logins. */
export function podEnvironment(options: ServerOptions, database: Database): Variable[] {
  const fromSecret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
  return [
    ...Object.entries(serverEnvironment(options)).map(([name, value]) => ({ name, value })),
    // By default it wants an address of the private ranges; pods have others on some networks.
    ...(options.replicas > 1
      ? [
          {
            name: "KC_CACHE_EMBEDDED_NETWORK_BIND_ADDRESS",
            // With the default written out: the API server notes it as somebody's, and it must be ours.
            valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } },
          },
        ]
      : []),
    { name: "KC_DB", value: "postgres" },
    { name: "KC_DB_URL_HOST", value: database.host },
    { name: "KC_DB_URL_PORT", value: String(database.port) },
    { name: "KC_DB_URL_DATABASE", value: database.database },
    { name: "KC_DB_USERNAME", value: database.username },
    { name: "KC_DB_PASSWORD", ...fromSecret(database.passwordSecret.name, database.passwordSecret.key) },
    // Both are read once, when the database is still empty.
    { name: "KC_BOOTSTRAP_ADMIN_USERNAME", ...fromSecret(adminSecret, "username") },
    { name: "KC_BOOTSTRAP_ADMIN_PASSWORD", ...fromSecret(adminSecret, "password") },
    { name: "KC_BOOTSTRAP_ADMIN_CLIENT_ID", value: reconcileClient },
    { name: "KC_BOOTSTRAP_ADMIN_CLIENT_SECRET", ...fromSecret(reconcileSecret.name, reconcileSecret.key) },
  ];
}
