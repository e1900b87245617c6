/** S: ways into and out of a workspace by Services. */
import { servicePolicyName } from "../../../components/workspaces/service-policy.ts";
import { admitted, refused, type Attempt } from "./attempt.ts";
import { change, create, type KubernetesObject } from "./calls.ts";

/** Where the controller of a test's platform is. */
export const controllerAddress = "10.96.200.200";

const clusterIp = "are of type ClusterIP";

export const serviceAttempts: readonly Attempt[] = [
  refused("mallory", "S1", "a Service LoadBalancer", servicePolicyName, made({ type: "LoadBalancer" }), clusterIp),
  refused(
    "mallory",
    "S2",
    "a Service NodePort 30443",
    servicePolicyName,
    made({ type: "NodePort", ports: [{ port: 443, nodePort: 30443 }] }),
    clusterIp,
  ),
  refused(
    "mallory",
    "S3",
    "a Service with externalIPs",
    servicePolicyName,
    made({ externalIPs: ["192.0.2.1"] }),
    "may not claim external addresses",
  ),
  admitted(
    "mallory",
    "S4",
    "a Service ExternalName to Keycloak's management",
    "a name alone; the ingress controller serves none of that type, and its pods' connections are bound by NetworkPolicies",
    made({ type: "ExternalName", externalName: "keycloak.datalab-identity.svc.cluster.local" }),
  ),
  admitted("mallory", "S5", "a Service without selector", "it leads nowhere, see S6 and S7", made({})),
  refused(
    "mallory",
    "S6",
    "Endpoints to a neighbour's address",
    "RBAC",
    create({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "attempt" },
      subsets: [{ addresses: [{ ip: "10.244.0.9" }], ports: [{ port: 8888 }] }],
    }),
  ),
  refused("mallory", "S7", "an EndpointSlice to a neighbour's address", "RBAC", create(slice())),
  refused(
    "mallory",
    "S8",
    "the status of a Service: an address of a load balancer",
    "RBAC",
    change("services", "thing/status", { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } }),
  ),
  refused("launcher", "S9", "an EndpointSlice by a chart", "RBAC", create(slice())),
  refused(
    "mallory",
    "S10",
    "another address for a pod of one's own (status.podIP)",
    "RBAC",
    change("pods", "thing/status", { status: { podIP: "10.244.0.9" } }),
  ),
  refused(
    "mallory",
    "S11",
    "a ClusterIP of one's choice: the address of the platform's controller",
    "API server",
    // Only when it is carried out does the API server look whether an address is free.
    { ...made({ clusterIP: controllerAddress }), real: true },
    "provided IP is already allocated",
  ),
  refused(
    "mallory",
    "S12",
    "a name in the platform's DNS by external-dns",
    servicePolicyName,
    made({}, { "external-dns.alpha.kubernetes.io/hostname": "auth.example.test" }),
    "get no DNS records",
  ),
  refused(
    "mallory",
    "S13",
    "make a NodePort of a Service that is there",
    servicePolicyName,
    change("services", "thing", { spec: { type: "NodePort" } }),
    clusterIp,
  ),
  refused("launcher", "S14", "a Service LoadBalancer", servicePolicyName, made({ type: "LoadBalancer" }), clusterIp),
];

/** A Service that nothing is said against. */
export function service(spec: KubernetesObject = {}, annotations: Record<string, string> = {}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "attempt", annotations },
    spec: { ports: [{ port: 443 }], ...spec },
  };
}

function made(spec: KubernetesObject, annotations?: Record<string, string>) {
  return create(service(spec, annotations));
}

function slice(): KubernetesObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "attempt", labels: { "kubernetes.io/service-name": "thing" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.0.9"] }],
    ports: [{ port: 8888 }],
  };
}
