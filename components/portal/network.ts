/** The way to the portal from outside, and what its pods may reach. */
import type * as k8s from "@pulumi/kubernetes";

import type { ApiServerAddresses, PublicHostAccess } from "../contracts.ts";
import { allow, fromPeers, podsOf, toApiServer, toDns, toPublicHosts } from "../kubernetes/network-policy.ts";
import { publicIngress } from "../kubernetes/public-ingress.ts";
import { type Proxy, toProxy } from "../kubernetes/proxy.ts";
import { namespaces } from "../names.ts";
import { apiPort } from "./api-pod.ts";
import { catalogDestinations } from "./catalogs.ts";
import { apiPath } from "./environment.ts";
import { apiName } from "./permissions.ts";
import type { CatalogSettings } from "./settings.ts";
import { webName, webPort } from "./web-pod.ts";

type EgressRule = k8s.types.input.networking.v1.NetworkPolicyEgressRule;

/** Port of both Services. */
export const servicePort = 80;

/**
 * What the API offers to browsers. Its server also answers `/actuator` and `/v3/api-docs` without a login: those paths
 * are not here, so they end at the web application, which answers with its page.
 */
const publicApiPaths = ["my-lab", "onboarding", "profile", "public", "user"];

/** ConfigMap with what the ingress controller adds to the portal's answers. */
export const responseHeadersName = "onyxia-response-headers";

/**
 * For a year browsers ask for the portal by HTTPS alone, also when somebody types its name. Not for the names below it:
 * the domain may have other servers. Keycloak sends the same for its host.
 */
export const responseHeaders = { "Strict-Transport-Security": "max-age=31536000" };

/**
 * The portal's one public host. The wildcard certificate is found by the host's name, so no Secret is named.
 * @param withHeaders Whether the controller adds the response headers.
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/kubernetes/ingress-nginx/
 */
export function portalIngress(host: string, className: string, withHeaders: boolean): k8s.networking.v1.IngressArgs {
  const api = { service: apiName, port: servicePort };
  return publicIngress({
    ...{ name: "onyxia", namespace: namespaces.portal, host, className },
    annotations: {
      // A launch is answered when helm has finished, and events and logs are streams.
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
      "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
      ...(withHeaders
        ? { "nginx.ingress.kubernetes.io/custom-headers": `${namespaces.portal}/${responseHeadersName}` }
        : {}),
    },
    paths: [
      ...publicApiPaths.map((path) => ({ path: `${apiPath}/${path}`, ...api })),
      { path: "/", service: webName, port: servicePort },
    ],
  });
}

/** The web application is only asked. */
export function webPolicy(publicHosts: PublicHostAccess): k8s.networking.v1.NetworkPolicyArgs {
  return allow(namespaces.portal, webName, { from: [fromPeers([podsOf(publicHosts.ingress.namespace)], webPort)] });
}

/** The API is asked by the ingress controller; it calls the API server, Keycloak and the catalogues. */
export function apiPolicy(args: {
  readonly publicHosts: PublicHostAccess;
  readonly apiServer: ApiServerAddresses;
  readonly catalogs: readonly CatalogSettings[];
  readonly domain: string;
  /** Proxy for the catalogues outside. @default none */
  readonly proxy?: Proxy | undefined;
}): k8s.networking.v1.NetworkPolicyArgs {
  const { ports, namespaces: catalogNamespaces } = catalogDestinations(args.catalogs, args.domain, args.proxy);
  const toCatalogs: EgressRule[] = [
    ...toProxy(args.proxy),
    ...(ports.length === 0 ? [] : [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }]),
    // The port of a Service is not that of its pods, which is what a policy would have to name.
    ...(catalogNamespaces.length === 0 ? [] : [{ to: catalogNamespaces.map((namespace) => podsOf(namespace)) }]),
  ];
  return allow(namespaces.portal, apiName, {
    from: [fromPeers([podsOf(args.publicHosts.ingress.namespace)], apiPort)],
    to: [toDns, toApiServer(args.apiServer), toPublicHosts(args.publicHosts), ...toCatalogs],
  });
}
