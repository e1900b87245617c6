import type * as k8s from "@pulumi/kubernetes";

import { publicIngress } from "../kubernetes/public-ingress.ts";
import { keycloakWorkload as workload } from "./names.ts";

export interface KeycloakIngressSettings {
  readonly namespace: string;
  readonly host: string;
  readonly className: string;
  readonly realm: string;
  readonly adminConsole: boolean;
}

/**
 * What browsers need and nothing more: health checks and metrics have another port, and the realm `master`, whose users
 * rule all others, is public only together with the admin console.
 * @see https://www.keycloak.org/server/reverseproxy#_exposed_path_recommendations
 */
export function keycloakIngress(settings: KeycloakIngressSettings): k8s.networking.v1.IngressArgs {
  const paths = settings.adminConsole
    ? ["/admin", "/realms", "/resources"]
    : [`/realms/${settings.realm}`, "/resources"];
  const { namespace, host, className } = settings;
  return publicIngress({
    ...{ name: workload, namespace, host, className },
    // Its cookies and headers outgrow the buffer of nginx: without this the login ends in 502.
    annotations: { "nginx.ingress.kubernetes.io/proxy-buffer-size": "128k" },
    paths: paths.map((path) => ({ path, service: workload, port: "http" })),
  });
}
