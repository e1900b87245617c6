/** Configuration of the two servers: environment variables, all plain text. */
import type { AccessModel } from "../access/access-model.ts";
import type { Realm } from "../contracts.ts";
import { PlatformError } from "../errors.ts";
import { apiServerAddress, noProxy, type Proxy } from "../kubernetes/proxy.ts";
import { secondsOf } from "../scalars.ts";
import type { Catalog } from "./catalogs.ts";
import { type RegionInputs, regionOf } from "./region.ts";
import type { PortalSettings } from "./settings.ts";
import { releases } from "../versions.ts";
import { springJson } from "./spring-json.ts";

/** Path that the API serves under; the Ingress does not rewrite. */
export const apiPath = "/api";

/** Folder in which the API looks for schema overrides. */
export const schemaFolder = "/schemas/default";

/** The API's environment: Spring property names. Text of the ConfigMap `onyxia-api`. */
export function apiEnvironment(region: RegionInputs, catalogs: readonly Catalog[]): Record<string, string> {
  return {
    "server.servlet.context-path": apiPath,
    ...oidc(region.access, region.realm),
    "catalogs.refresh.ms": "300000",
    // Pages and API share one origin: no other site may call it from a browser.
    "security.cors.allowed_origins": "",
    "external.schema.directory": `${schemaFolder}/`,
    regions: springJson("regions", [regionOf(region)]),
    catalogs: springJson("catalogs", catalogs),
  };
}

function oidc(access: AccessModel, realm: Realm): Record<string, string> {
  if (realm.issuerUrl.endsWith("/")) {
    throw new PlatformError(
      `The issuer ${realm.issuerUrl} ends with a slash: the portal's API would not start.`,
      "Write it exactly as in the realm's discovery document.",
    );
  }
  return {
    "authentication.mode": "openidconnect",
    "oidc.issuer-uri": realm.issuerUrl,
    "oidc.clientID": realm.clients.portal,
    // Without it a token of any client of the realm is accepted, and one without a username shares a project.
    "oidc.audience": access.portal.audience,
    "oidc.username-claim": access.claims.username,
    "oidc.groups-claim": access.claims.projects,
    "oidc.roles-claim": access.claims.roles,
    "oidc.scope": "openid profile email",
  };
}

/**
 * Where the API's catalogues are asked by a proxy: Spring's names, of which it makes properties of the JVM, and helm's
 * variables of those. Of the pod and not of the ConfigMap, because the kubelet puts in the API server's address.
 *
 * @param direct Further hosts that are asked without it: the JVM knows no networks.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/src/main/java/fr/insee/onyxia/api/configuration/proxy/SetProxy.java
 */
export function apiProxy(
  proxy: Proxy | undefined,
  direct: (proxy: Proxy) => readonly string[],
): { readonly name: string; readonly value: string }[] {
  if (proxy === undefined) return [];
  const { hostname, port } = new URL(proxy.https);
  return [
    { name: "http.proxyHost", value: hostname },
    { name: "http.proxyPort", value: port || "80" },
    { name: "http.noProxy", value: noProxy(proxy, "*.", ...direct(proxy), apiServerAddress) },
  ];
}

/** The web application's environment. @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/.env */
export function webEnvironment(settings: PortalSettings): Record<string, string> {
  const languages = new Set([settings.language, ...settings.otherLanguages.toSorted()]);
  return {
    ONYXIA_VERSION: releases.onyxia.version,
    ONYXIA_VERSION_URL: `${releases.onyxia.source}/tag/v${releases.onyxia.version}`,
    ONYXIA_API_URL: apiPath,
    HEADER_HIDE_ONYXIA: "true",
    HEADER_TEXT_FOCUS: settings.title,
    TAB_TITLE: settings.title,
    SOCIAL_MEDIA_TITLE: settings.title,
    SOCIAL_MEDIA_DESCRIPTION: settings.description,
    ...homePage(settings.title),
    ENABLED_LANGUAGES: [...languages].join(","),
    AUTHENTICATION_GLOBALLY_REQUIRED: String(!settings.anonymousVisitors),
    // A link must not be able to launch a service with somebody else's start script.
    DISABLE_AUTO_LAUNCH: "true",
    // Proofs of possession would have to survive the ingress controller's headers; upstream's own workaround.
    OIDC_DISABLE_DPOP: "true",
    RUNNING_TIME_THRESHOLD_HOURS: String(Math.ceil(secondsOf(settings.longRunningAfter) / 3600)),
  };
}

/**
 * The home page's own words. Upstream's lead to INSEE's chat and manual, and greet by a first name that new users do
 * not have.
 */
function homePage(title: string): Record<string, string> {
  return {
    HOMEPAGE_HERO_TEXT_AUTHENTICATED: JSON.stringify({ en: `Welcome to ${title}`, fr: `Bienvenue sur ${title}` }),
    HOMEPAGE_CALL_TO_ACTION_BUTTON_AUTHENTICATED: JSON.stringify({
      label: { en: "Launch a service", fr: "Lancer un service" },
      url: "/catalog",
    }),
    HOMEPAGE_CARDS: "[]",
  };
}
