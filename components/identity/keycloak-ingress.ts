import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
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
  return {
    metadata: {
      name: workload,
      namespace: settings.namespace,
      labels: labelsFor(workload),
      // Its cookies and headers outgrow the buffer of nginx: without this the login ends in 502.
      annotations: { "nginx.ingress.kubernetes.io/proxy-buffer-size": "128k" },
    },
    spec: {
      ingressClassName: settings.className,
      // Without a Secret: the controller answers with the platform's wildcard certificate.
      tls: [{ hosts: [settings.host] }],
      rules: [
        {
          host: settings.host,
          http: {
            paths: paths.map((path) => ({
              path,
              pathType: "Prefix",
              backend: { service: { name: workload, port: { name: "http" } } },
            })),
          },
        },
      ],
    },
  };
}
