/**
 * Objects whose names are the same in every stack, and which lie in no namespace: what two stacks on one cluster, or
 * this one and somebody else, would both want. Namespaced objects go by their namespace.
 */
import { issuerPolicyName } from "../components/certificates/issuer-policy.ts";
import { deletionPolicyName } from "../components/data-protection/deletion-policy.ts";
import { clusterDnsOf } from "../components/dns/settings.ts";
import { clusterRoleName } from "../components/ingress/traefik.ts";
import { className } from "../components/ingress/traefik-arguments.ts";
import type { ObjectKey } from "../components/kubernetes/object-key.ts";
import { platformPriority } from "../components/kubernetes/priority-class.ts";
import { namespaces } from "../components/names.ts";
import { portalPolicyName } from "../components/portal/portal-policy.ts";
import { certificatePolicyName } from "../components/workspaces/certificate-policy.ts";
import { ingressPolicyName } from "../components/workspaces/ingress-policy.ts";
import { chartKindsName, portalAccount, portalWorkspaceRole } from "../components/workspaces/names.ts";
import { networkPolicyPolicyName } from "../components/workspaces/network-policy-policy.ts";
import { podPolicyName } from "../components/workspaces/pod-policy.ts";
import { rightsPolicyName } from "../components/workspaces/rights-policy.ts";
import { servicePolicyName } from "../components/workspaces/service-policy.ts";
import { wallsPolicyName } from "../components/workspaces/walls-policy.ts";
import type { Charts } from "./charts.ts";
import type { Settings } from "./settings/settings.ts";

/** Every such object that a stack with these settings makes. Custom resources are not among them. */
export function fixedObjects(settings: Settings, charts: Charts): ObjectKey[] {
  const { portal } = settings;
  return [
    { group: "scheduling.k8s.io", kind: "PriorityClass", name: platformPriority },
    namespace(namespaces.identity),
    namespace(namespaces.portal),
    ...roleAndBinding(portalAccount.name),
    ...[portalWorkspaceRole, chartKindsName].map((name) => ({ group: rbac, kind: "ClusterRole", name })),
    ...[
      portalPolicyName,
      certificatePolicyName,
      deletionPolicyName,
      ingressPolicyName,
      podPolicyName,
      rightsPolicyName,
      servicePolicyName,
      wallsPolicyName,
      ...(portal.services.networkIsolation ? [networkPolicyPolicyName] : []),
    ].flatMap(policyAndBinding),
    ...ofAlternatives(settings),
    ...(charts.certManager?.objects ?? [])
      .filter(({ metadata }) => metadata.namespace === undefined)
      .map(({ apiVersion, kind, metadata }) => ({
        group: apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "",
        kind,
        name: metadata.name,
      })),
  ];
}

/** Those that hang on one word of the stack file. */
function ofAlternatives({ certificates, dns, ingress, objectStore }: Settings): ObjectKey[] {
  const makesIssuer = certificates.issuer === "privateCa" || certificates.issuer === "letsencrypt";
  return [
    ...(ingress.kind === "traefik"
      ? [
          namespace(namespaces.ingress),
          { group: "networking.k8s.io", kind: "IngressClass", name: className },
          ...roleAndBinding(clusterRoleName),
        ]
      : []),
    ...(makesIssuer && certificates.certManager.install ? [namespace(namespaces.certificates)] : []),
    ...(makesIssuer ? policyAndBinding(issuerPolicyName) : []),
    ...(objectStore.kind === "minio" ? [namespace(namespaces.objectStore)] : []),
    ...(clusterDnsOf(dns) === "none" ? [] : [namespace(namespaces.dns)]),
  ];
}

const rbac = "rbac.authorization.k8s.io";

function namespace(name: string): ObjectKey {
  return { group: "", kind: "Namespace", name };
}

function roleAndBinding(name: string): ObjectKey[] {
  return ["ClusterRole", "ClusterRoleBinding"].map((kind) => ({ group: rbac, kind, name }));
}

function policyAndBinding(name: string): ObjectKey[] {
  const group = "admissionregistration.k8s.io";
  return ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({ group, kind, name }));
}
