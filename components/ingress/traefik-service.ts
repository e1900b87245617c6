/** The Service that leads to the ingress controller from outside, as plain arguments. */
import type * as k8s from "@pulumi/kubernetes";

import type { LoadBalancer, NodePorts } from "../contracts.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { untilAddressed, withoutWait } from "../kubernetes/rollout.ts";
import { namespaces } from "../names.ts";
import { graphLoadBalancerClass } from "./load-balancer-class.ts";
import type { TraefikSettings } from "./settings.ts";
import { controllerName } from "./traefik-arguments.ts";
import { connecting, type Visitors } from "./visitors.ts";

const metadata = { name: controllerName, namespace: namespaces.ingress, labels: labelsFor(controllerName) };

/** With fixed ports, a load balancer outside the cluster sends visitors to them; nothing in the cluster makes one. */
export function service(
  settings: TraefikSettings,
  nodePorts?: LoadBalancer["nodePorts"],
  visitors?: Visitors,
): k8s.core.v1.ServiceArgs {
  if (nodePorts !== undefined) return fixedPortsService(nodePorts);
  const { serviceAnnotations, loadBalancerClass, ipFamilyPolicy } = settings;
  const fixed = (name: keyof NodePorts) =>
    settings.nodePorts === undefined ? {} : { nodePort: settings.nodePorts[name] };
  const wait = settings.serviceType === "LoadBalancer" ? untilAddressed : withoutWait;
  return {
    metadata: { ...metadata, annotations: { ...serviceAnnotations, ...wait } },
    spec: {
      ...(settings.serviceType === "HostPort"
        ? // Only pods use it.
          { type: "ClusterIP" }
        : { type: settings.serviceType, externalTrafficPolicy: settings.externalTrafficPolicy }),
      ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
      ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
      ...sourceRanges(settings, visitors),
      selector: selectorFor(controllerName),
      ports: [
        { name: "http", port: 80, targetPort: "http", ...fixed("http") },
        // Pods call the public addresses here, so it is the port of those.
        { name: "https", port: settings.publicPort, targetPort: "https", ...fixed("https") },
      ],
    },
  };
}

/**
 * What load balancers and kube-proxy hold strangers back by, before Traefik does. Kubernetes takes it for this type of Service
 * alone, and who is told visitors' addresses by proxy protocol sees none.
 */
function sourceRanges(
  { serviceType, proxyProtocolFrom }: TraefikSettings,
  visitors: Visitors | undefined,
): Pick<k8s.types.input.core.v1.ServiceSpec, "loadBalancerSourceRanges"> {
  if (visitors === undefined || serviceType !== "LoadBalancer" || proxyProtocolFrom.length > 0) return {};
  const networks = connecting(visitors);
  return networks === undefined ? {} : { loadBalancerSourceRanges: networks };
}

function fixedPortsService({ http, https, health }: LoadBalancer["nodePorts"]): k8s.core.v1.ServiceArgs {
  return {
    metadata: { ...metadata, annotations: withoutWait },
    spec: {
      type: "LoadBalancer",
      loadBalancerClass: graphLoadBalancerClass,
      // A node without a pod of the controller answers nobody: health checks leave it out, and addresses are kept.
      externalTrafficPolicy: "Local",
      healthCheckNodePort: health,
      selector: selectorFor(controllerName),
      ports: [
        { name: "http", port: 80, targetPort: "http", nodePort: http },
        { name: "https", port: 443, targetPort: "https", nodePort: https },
      ],
    },
  };
}
