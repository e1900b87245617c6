/** What stands around workspaces, and lies in none. */
import { clusterRoleKey, policyAndBinding, roleAndBinding } from "../kubernetes/cluster-objects.ts";
import type { ObjectKey } from "../kubernetes/object-key.ts";
import { certificatePolicyName } from "./certificate-policy.ts";
import { ingressPolicyName } from "./ingress-policy.ts";
import { chartKindsName, portalAccount, portalWorkspaceRole } from "./names.ts";
import { networkPolicyPolicyName } from "./network-policy-policy.ts";
import { podPolicyName } from "./pod-policy.ts";
import { rightsPolicyName } from "./rights-policy.ts";
import { servicePolicyName } from "./service-policy.ts";
import { wallsPolicyName } from "./walls-policy.ts";

/** @param services.networkIsolation whether users may write NetworkPolicies of their own is looked at */
export function workspaceClusterObjects(services: { readonly networkIsolation: boolean }): ObjectKey[] {
  return [
    ...roleAndBinding(portalAccount.name),
    ...[portalWorkspaceRole, chartKindsName].map(clusterRoleKey),
    ...[
      certificatePolicyName,
      ingressPolicyName,
      podPolicyName,
      rightsPolicyName,
      servicePolicyName,
      wallsPolicyName,
      ...(services.networkIsolation ? [networkPolicyPolicyName] : []),
    ].flatMap(policyAndBinding),
  ];
}
