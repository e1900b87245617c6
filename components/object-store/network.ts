/** How the servers are reached: Services, Ingresses and who may connect. */
import type * as k8s from "@pulumi/kubernetes";

import type { PublicHostAccess } from "../contracts.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { allow, fromPeers, podsOf, toDns, toPeers, toPublicHosts } from "../kubernetes/network-policy.ts";
import { publicIngress } from "../kubernetes/public-ingress.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { type Hosts, namespaces } from "../names.ts";
import type { ServiceBucket } from "../part.ts";
import { consolePort, isDistributed, peersName, s3Port, serverName } from "./server.ts";
import type { MinioSettings } from "./settings.ts";
import { setupName } from "./setup-job.ts";

const namespace = namespaces.objectStore;

/** Service of the S3 API and of the console. */
export function serverService(settings: Pick<MinioSettings, "console">): k8s.core.v1.ServiceArgs {
  return {
    metadata: { name: serverName, namespace, labels: labelsFor(serverName), annotations: withoutWait },
    spec: {
      selector: selectorFor(serverName),
      ports: [
        { name: "s3", port: s3Port, targetPort: "s3" },
        ...(settings.console ? [{ name: "console", port: consolePort, targetPort: "console" }] : []),
      ],
    },
  };
}

/** Gives every server a host name, ready or not: they become ready by talking to each other. */
export function peersService(): k8s.core.v1.ServiceArgs {
  return {
    metadata: { name: peersName, namespace, labels: labelsFor(peersName), annotations: withoutWait },
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: selectorFor(serverName),
      ports: [{ name: "s3", port: s3Port, targetPort: "s3" }],
    },
  };
}

/** Ports that the world sees, and under which host. */
export function publicPorts(
  settings: Pick<MinioSettings, "console">,
  hosts: Hosts,
): { readonly port: PublicPort; readonly host: string }[] {
  const s3 = { port: "s3", host: hosts.objectStore } as const;
  return settings.console ? [s3, { port: "console", host: hosts.objectStoreConsole }] : [s3];
}

type PublicPort = "s3" | "console";

/** Opens a port of the Service to the world. Without a Secret the controller serves the wildcard certificate. */
export function ingress(port: PublicPort, host: string, className: string): k8s.networking.v1.IngressArgs {
  const name = `${serverName}-${port}`;
  return publicIngress({
    ...{ name, namespace, host, className },
    annotations: {
      // Uploads are large and go straight through. Traefik does so anyway; other controllers of the class do not.
      "nginx.ingress.kubernetes.io/proxy-body-size": "0",
      "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
    },
    paths: [{ path: "/", service: serverName, port }],
  });
}

/** Who may talk to the servers, and to whom they talk. */
export function serverNetworkPolicy(
  settings: Pick<MinioSettings, "console" | "replicas">,
  publicHosts: PublicHostAccess,
  buckets: readonly ServiceBucket[] = [],
): k8s.networking.v1.NetworkPolicyArgs {
  const servers = podsOf(namespace, serverName);
  const ports = settings.console ? [s3Port, consolePort] : [s3Port];
  return allow(namespace, serverName, {
    from: [
      fromPeers([podsOf(publicHosts.ingress.namespace)], ...ports),
      fromPeers(
        isDistributed(settings) ? [servers, podsOf(namespace, setupName)] : [podsOf(namespace, setupName)],
        s3Port,
      ),
      ...(buckets.length === 0
        ? []
        : [
            fromPeers(
              buckets.map(({ client }) => podsOf(client.namespace)),
              s3Port,
            ),
          ]),
    ],
    to: [toDns, toPublicHosts(publicHosts), ...(isDistributed(settings) ? [toPeers([servers], s3Port)] : [])],
  });
}

/** The setup Job talks to the servers alone. */
export function setupNetworkPolicy(): k8s.networking.v1.NetworkPolicyArgs {
  return allow(namespace, setupName, { to: [toDns, toPeers([podsOf(namespace, serverName)], s3Port)] });
}
