/** Fixed names within the identity namespace. */

/** Keycloak's pods and its Service. */
export const keycloakWorkload = "keycloak";
/** Keycloak's database: its pods, its Service and its StatefulSet. */
export const databaseWorkload = "keycloak-database";
/** The pods of the reconcile Job. */
export const reconcileWorkload = "keycloak-realm";

/** The CronJob that keeps the names of deleted accounts. */
export const reservedNamesWorkload = "keycloak-names";
/** Client whose roles are the usernames that are known. */
export const namesClient = "datalab-names";

/** Port of Keycloak's pages and APIs. */
export const httpPort = 8080;
/** Port of its health checks and metrics, which no Ingress serves. */
export const managementPort = 9000;

/** First login of a person to Keycloak's own realm `master`. */
export const adminSecret = "keycloak-admin";
/** Client of the realm `master` that the reconcile Job logs in with. */
export const reconcileClient = "datalab-reconcile";
export const reconcileSecret = { name: "keycloak-reconcile", key: "client-secret" } as const;

/** One-time passwords of the first users, by username. */
export const firstUsersSecret = "first-users";

/** The mail server, with the password. */
export const mailSecret = { name: "keycloak-smtp", key: "server.json" } as const;

/** Password of Keycloak's account at the directory, as a text of JSON. */
export const directorySecret = { name: "keycloak-directory", key: "password.json" } as const;

/** Address of Keycloak inside the cluster. */
export function internalUrl(namespace: string): string {
  return `http://${keycloakWorkload}.${namespace}.svc:${httpPort}`;
}
