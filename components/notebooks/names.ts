/** Fixed names of the notebooks' hub. */

/** Its pod, Service, ServiceAccount, Role, ConfigMap and Secret. */
export const hubName = "hub";
export const hubPort = 8081;

/** The proxy before the hub and the servers: its pod, its Service for visitors and its Ingress. */
export const proxyName = "proxy";
export const proxyPort = 8000;

/** Service by which the hub tells the proxy its routes. */
export const proxyApiName = "proxy-api";
export const proxyApiPort = 8001;

/** People's servers, which the hub makes. */
export const userServerName = "user-server";
export const userServerPort = 8888;

/** Claims of people's homes, and their quota. */
export const userHomesName = "user-homes";

/** PostgreSQL with what the hub remembers. */
export const hubDatabaseName = "hub-database";

/** Client of the realm that the hub logs people in with. */
export const notebooksClient = "notebooks";

/** Path below the hub's host that Keycloak sends people back to. */
export const callbackPath = "/hub/oauth_callback";

/** Secret with the first administrator's name and password, where people sign up at the hub. */
export const administratorSecretName = "hub-administrator";

/** Keys of the hub's Secret, with the variables that its programs read them from. */
export const secretVariables = {
  "cookie-secret": "COOKIE_SECRET",
  "crypt-key": "CRYPT_KEY",
  "proxy-token": "CONFIGPROXY_AUTH_TOKEN",
  "client-secret": "CLIENT_SECRET",
} as const;

export type HubSecretKey = keyof typeof secretVariables;
