import type * as pulumi from "@pulumi/pulumi";

import { usualPort } from "../addresses.ts";
import { namespaces } from "../names.ts";
import type { TraefikSettings } from "./settings.ts";

/** Ports of the pods. */
export const ports = { http: 8000, https: 8443, health: 8080 } as const;
/** Class of the platform's and of the users' Ingresses: Onyxia's charts write annotations of ingress-nginx. */
export const className = "nginx";
/** Controller that the class names. Traefik's provider serves classes of this one. */
export const controllerClass = "k8s.io/ingress-nginx";
export const controllerName = "traefik";
/** Time that connections of a pod that goes may end on their own: notebooks keep theirs open for long. */
export const graceSeconds = 50;
/** Load balancers take a pod that ends for lost after two checks, mostly 10 seconds apart. */
export const farewellSeconds = 25;
/** Before the router of any Ingress, whose priority is the length of its rule. What turns strangers away comes before it. */
export const redirectPriority = 1_000_000_000;
/** As long as a pod may take to end: its farewell, the time that its connections have, and some to spare. */
export const endingSeconds = farewellSeconds + graceSeconds + 15;

/**
 * Command line of Traefik. What differs from its defaults, and why, stands beside each group.
 * @see https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/
 */
export function traefikArguments(
  settings: Pick<TraefikSettings, "proxyProtocolFrom"> & Partial<Pick<TraefikSettings, "publicPort">>,
): string[] {
  const { publicPort = usualPort } = settings;
  return [
    // Nothing is reported to anybody.
    "--global.checkNewVersion=false",
    "--global.sendAnonymousUsage=false",
    "--log.level=INFO",
    `--entryPoints.web.address=:${ports.http}/tcp`,
    `--entryPoints.websecure.address=:${ports.https}/tcp`,
    `--entryPoints.traefik.address=:${ports.health}/tcp`,
    "--entryPoints.websecure.http.tls=true",
    // Its redirects for Ingresses lead to 443 whatever the port is: this one comes before them.
    ...(publicPort === usualPort
      ? []
      : [
          `--entryPoints.web.http.redirections.entryPoint.to=:${publicPort}`,
          // By default nothing else could come before it.
          `--entryPoints.web.http.redirections.entryPoint.priority=${redirectPriority}`,
        ]),
    ...["web", "websecure"].flatMap((entryPoint) => [
      // The limit would cover the whole body: 60 seconds end every large upload.
      `--entryPoints.${entryPoint}.transport.respondingTimeouts.readTimeout=0s`,
      `--entryPoints.${entryPoint}.transport.lifeCycle.graceTimeOut=${graceSeconds}s`,
      // `X_Name` and `X-Name` are the same header to many servers: one of them could be smuggled in.
      `--entryPoints.${entryPoint}.http.underscoreHeadersStrategy=delete`,
      ...(settings.proxyProtocolFrom.length === 0
        ? []
        : [`--entryPoints.${entryPoint}.proxyProtocol.trustedIPs=${settings.proxyProtocolFrom.toSorted().join(",")}`]),
    ]),
    "--ping=true",
    "--providers.kubernetesIngressNGINX=true",
    `--providers.kubernetesIngressNGINX.ingressClass=${className}`,
    `--providers.kubernetesIngressNGINX.controllerClass=${controllerClass}`,
    "--providers.kubernetesIngressNGINX.httpEntryPoint=web",
    "--providers.kubernetesIngressNGINX.httpsEntryPoint=websecure",
    // The address of a pod that is gone takes no connection. By default each of three attempts would last a minute.
    "--providers.kubernetesIngressNGINX.proxyConnectTimeout=5",
    // An idle notebook's websocket would be cut after 60 seconds of silence.
    "--providers.kubernetesIngressNGINX.proxyReadTimeout=3600",
    "--providers.kubernetesIngressNGINX.proxySendTimeout=3600",
    // Whoever may write an Ingress could run configuration of their own.
    "--providers.kubernetesIngressNGINX.allowSnippetAnnotations=false",
    // A Service of this type could lead to any address that the controller reaches, past a neighbour's NetworkPolicies.
    "--providers.kubernetesIngressNGINX.disableSvcExternalName=true",
    // What Ingresses may add to answers, by a ConfigMap that their annotation `custom-headers` names.
    "--providers.kubernetesIngressNGINX.globalAllowedResponseHeaders=Strict-Transport-Security",
  ];
}

/**
 * Which address Ingresses carry in their status.
 *
 * @param loadBalancer Name of one that the Service knows nothing of. @default the Service's own address
 */
export function publishedAddress(loadBalancer?: pulumi.Output<string>): pulumi.Input<string> {
  const option = "--providers.kubernetesIngressNGINX.publish";
  return loadBalancer === undefined
    ? `${option}Service=${namespaces.ingress}/${controllerName}`
    : loadBalancer.apply((address) => `${option}StatusAddress=${address}`);
}
