/** The way to the hub and to people's servers, and what each of them may reach. */
import type * as k8s from "@pulumi/kubernetes";

import type { ApiServerAddresses, Database, PublicHostAccess } from "../contracts.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import {
  allow,
  fromPeers,
  podsOf,
  toApiServer,
  toDns,
  toInternet,
  toPeers,
  toPublicHosts,
} from "../kubernetes/network-policy.ts";
import { publicIngress } from "../kubernetes/public-ingress.ts";
import { type Proxy, toProxy } from "../kubernetes/proxy.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { namespaces } from "../names.ts";
import {
  hubName,
  hubPort,
  proxyApiName,
  proxyApiPort,
  proxyName,
  proxyPort,
  userServerName,
  userServerPort,
} from "./names.ts";

const namespace = namespaces.notebooks;

const hub = podsOf(namespace, hubName);
const proxy = podsOf(namespace, proxyName);
const servers = podsOf(namespace, userServerName);

export interface NetworkInputs {
  readonly publicHosts: PublicHostAccess;
  readonly apiServer: ApiServerAddresses;
  readonly database: Pick<Database, "workload" | "port">;
  /** Proxy that people's servers may talk to. @default none */
  readonly proxy?: Proxy | undefined;
}

/** The policies of all three, by the end of their name in the program. */
export function policies(inputs: NetworkInputs): Record<string, k8s.networking.v1.NetworkPolicyArgs> {
  const { publicHosts, apiServer, database } = inputs;
  return {
    hub: allow(namespace, hubName, {
      from: [fromPeers([proxy, servers], hubPort)],
      to: [
        toDns,
        toApiServer(apiServer),
        toPeers([podsOf(namespace, database.workload)], database.port),
        toPeers([proxy], proxyApiPort),
        // It asks a new server whether it is there.
        toPeers([servers], userServerPort),
        toPublicHosts(publicHosts),
      ],
    }),
    proxy: allow(namespace, proxyName, {
      from: [fromPeers([podsOf(publicHosts.ingress.namespace)], proxyPort), fromPeers([hub], proxyApiPort)],
      to: [toDns, toPeers([hub], hubPort), toPeers([servers], userServerPort)],
    }),
    // No neighbour, no node, no part of the platform but by its public host.
    "user-servers": allow(namespace, userServerName, {
      from: [fromPeers([hub, proxy], userServerPort)],
      to: [
        toDns,
        toPeers([hub], hubPort),
        toPeers([podsOf(publicHosts.ingress.namespace)], publicHosts.ingress.podHttpsPort),
        toInternet(),
        ...toProxy(inputs.proxy),
      ],
    }),
  };
}

/** The Services, by the end of their name in the program. */
export function services(): Record<string, k8s.core.v1.ServiceArgs> {
  return {
    hub: service(hubName, hubName, { port: hubPort, targetPort: "http" }),
    proxy: service(proxyName, proxyName, { port: 80, targetPort: "http" }),
    "proxy-api": service(proxyApiName, proxyName, { port: proxyApiPort, targetPort: "api" }),
  };
}

function service(
  name: string,
  workload: string,
  port: { readonly port: number; readonly targetPort: string },
): k8s.core.v1.ServiceArgs {
  return {
    metadata: { name, namespace, labels: labelsFor(name), annotations: withoutWait },
    spec: { selector: selectorFor(workload), ports: [{ name: port.targetPort, ...port }] },
  };
}

export function hubIngress(host: string, className: string): k8s.networking.v1.IngressArgs {
  return publicIngress({
    ...{ name: proxyName, namespace, host, className },
    annotations: {
      // Kernels and terminals are websockets, and say nothing for hours. Files are uploaded in pieces of any size.
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
      "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
      "nginx.ingress.kubernetes.io/proxy-body-size": "0",
      "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
    },
    paths: [{ path: "/", service: proxyName, port: "http" }],
  });
}
