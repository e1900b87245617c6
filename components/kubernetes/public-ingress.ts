import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "./labels.ts";

/** A path of a public host, and the Service that serves it. */
export interface PublicPath {
  readonly path: string;
  /** @default "Prefix" */
  readonly pathType?: "Prefix" | "Exact" | undefined;
  readonly service: string;
  /** Port of the Service, by name or number. */
  readonly port: string | number;
}

export interface PublicIngressSettings {
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  readonly className: string;
  readonly paths: readonly PublicPath[];
  /** In the words of ingress-nginx, which the platform's controller reads too. @default none */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Serves a host over HTTPS. It names no Secret: the controller answers with the platform's wildcard certificate. */
export function publicIngress(settings: PublicIngressSettings): k8s.networking.v1.IngressArgs {
  const { name, namespace, host, className, annotations } = settings;
  const paths = settings.paths.map(({ path, pathType = "Prefix", service, port }) => ({
    path,
    pathType,
    backend: { service: { name: service, port: typeof port === "number" ? { number: port } : { name: port } } },
  }));
  return {
    metadata: { name, namespace, labels: labelsFor(name), ...(annotations && { annotations: { ...annotations } }) },
    spec: { ingressClassName: className, tls: [{ hosts: [host] }], rules: [{ host, http: { paths } }] },
  };
}
