/** The way to the package index from outside, and what its pods may reach. */
import type * as k8s from "@pulumi/kubernetes";

import type { PublicHostAccess, ServicePlace } from "../contracts.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { allow, fromPeers, podsOf, toDns, toPeers, toPodIdentityAgent } from "../kubernetes/network-policy.ts";
import { publicIngress } from "../kubernetes/public-ingress.ts";
import { type Proxy, toProxy } from "../kubernetes/proxy.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { namespaces } from "../names.ts";
import { packagesName } from "./names.ts";
import { serverPort } from "./server.ts";
import type { PypironSettings } from "./settings.ts";

const metadata = { name: packagesName, namespace: namespaces.packages, labels: labelsFor(packagesName) };

export function serverService(): k8s.core.v1.ServiceArgs {
  return {
    metadata: { ...metadata, annotations: withoutWait },
    spec: { selector: selectorFor(packagesName), ports: [{ name: "http", port: 80, targetPort: "http" }] },
  };
}

/** What clients and browsers ask for. `/metrics`, `/health` and `/ready` answer without a login, and stay inside. */
const publicPaths = ["/simple", "/files", "/legacy", "/project"];

export function serverIngress(host: string, className: string): k8s.networking.v1.IngressArgs {
  const server = { service: packagesName, port: "http" };
  return publicIngress({
    ...{ name: packagesName, namespace: namespaces.packages, host, className },
    annotations: {
      // The server has a limit of its own, and says so. Traefik lets everything through; other controllers do not.
      "nginx.ingress.kubernetes.io/proxy-body-size": "0",
      "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
      // An upload is answered when it is in the bucket and in the index.
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "600",
      "nginx.ingress.kubernetes.io/proxy-send-timeout": "600",
    },
    paths: [
      ...publicPaths.map((path) => ({ path, ...server })),
      // A page without the name of any package.
      { path: "/", pathType: "Exact", ...server },
    ],
  });
}

/** The ingress controller asks the servers; they call the store, and with a mirror its index. */
export function serverPolicy(
  { mirror }: Pick<PypironSettings, "mirror">,
  { access }: Pick<ServicePlace, "access">,
  { ingress }: Pick<PublicHostAccess, "ingress">,
  proxy?: Proxy,
): k8s.networking.v1.NetworkPolicyArgs {
  // Where its files lie, and the list of malicious ones, is for that index to say: anywhere, at the port of HTTPS.
  const ports = mirror === undefined ? [] : [...new Set([portOf(mirror.upstream), 443])];
  return allow(namespaces.packages, packagesName, {
    from: [fromPeers([podsOf(ingress.namespace)], serverPort)],
    to: [
      toDns,
      ...toStore(access),
      ...(ports.length === 0 ? [] : [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }]),
      ...(mirror !== undefined || access.kind === "podIdentity" ? toProxy(proxy) : []),
    ],
  });
}

/** The way to the bucket. */
export function toStore(access: ServicePlace["access"]): k8s.types.input.networking.v1.NetworkPolicyEgressRule[] {
  switch (access.kind) {
    case "keys":
      return [toPeers([podsOf(access.servers.namespace, access.servers.workload)], access.servers.port)];
    case "podIdentity":
      // AWS has many addresses for its store, which change.
      return [toPodIdentityAgent, { ports: [{ port: 443, protocol: "TCP" }] }];
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port || 443);
}
