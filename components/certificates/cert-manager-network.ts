import type * as k8s from "@pulumi/kubernetes";

import type { ApiServerAddresses } from "../contracts.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { toApiServer, toDns, toPodIdentityAgent } from "../kubernetes/network-policy.ts";
import { type Proxy, toProxy } from "../kubernetes/proxy.ts";
import { namespaces } from "../names.ts";
import { controllerLabels, releaseLabels } from "./cert-manager-chart.ts";

const namespace = namespaces.certificates;

/** Every pod of the chart works through the API server. */
export function apiClientsPolicy(apiServer: ApiServerAddresses): k8s.networking.v1.NetworkPolicyArgs {
  const name = "cert-manager-api-clients";
  return {
    metadata: { name, namespace, labels: labelsFor(name) },
    spec: {
      podSelector: { matchLabels: releaseLabels },
      policyTypes: ["Egress"],
      egress: [toApiServer(apiServer), toDns],
    },
  };
}

/**
 * The API server calls the webhook. From which address depends on the cluster (a node, a tunnel's pod, the provider's
 * own network), so any is let in: the webhook says no more than whether a certificate may be asked for.
 */
export function webhookPolicy(): k8s.networking.v1.NetworkPolicyArgs {
  const name = "cert-manager-webhook";
  return {
    metadata: { name, namespace, labels: labelsFor(name) },
    spec: {
      podSelector: { matchLabels: { ...releaseLabels, "app.kubernetes.io/component": "webhook" } },
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ port: 10250, protocol: "TCP" }] }],
    },
  };
}

/** The controller orders certificates and changes records, at addresses that nobody publishes, with credentials of AWS. */
export function acmePolicy(proxy?: Proxy): k8s.networking.v1.NetworkPolicyArgs {
  const name = "cert-manager-acme";
  return {
    metadata: { name, namespace, labels: labelsFor(name) },
    spec: {
      podSelector: { matchLabels: controllerLabels },
      policyTypes: ["Egress"],
      egress: [{ ports: [{ port: 443, protocol: "TCP" }] }, toPodIdentityAgent, ...toProxy(proxy)],
    },
  };
}
