/**
 * What the portal's API may do in the cluster, beside its rights in each workspace (components/workspaces). RBAC cannot
 * say "only in the users' namespaces", because they do not exist yet: so the ClusterRole names the kinds, and an
 * admission policy (portal-policy.ts) names the places. Of all that it could read there are namespaces, bindings and
 * quotas alone.
 */
import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import { chartKindsName, portalAccount, portalWorkspaceRole } from "../workspaces/names.ts";

type Rule = k8s.types.input.rbac.v1.PolicyRule;

/** Name of the API's workload, ServiceAccount, ClusterRole and binding. */
export const apiName = portalAccount.name;

/** ClusterRoles that the portal may hand out inside a workspace: to its owner, to launches, and to itself. */
const grantableRoles = ["admin", chartKindsName, portalWorkspaceRole];

/** Onboarding, and what the launcher applies: `patch` and `create` are enough for that. */
export function portalClusterRole(): k8s.rbac.v1.ClusterRoleArgs {
  return {
    metadata: { name: apiName, labels: labelsFor(apiName) },
    rules: [
      rule("", ["namespaces"], ["get", "create", "patch"]),
      rule("", ["resourcequotas"], ["get", "create", "update", "patch"]),
      rule(rbacGroup, ["rolebindings"], ["get", "create", "update", "patch"]),
      { ...rule(rbacGroup, ["clusterroles"], ["bind"]), resourceNames: [...grantableRoles] },
      rule("", ["configmaps", "limitranges"], ["create", "patch"]),
      rule("networking.k8s.io", ["networkpolicies"], ["create", "patch"]),
    ],
  };
}

/** Gives the role to the API's ServiceAccount. */
export function portalClusterRoleBinding(): k8s.rbac.v1.ClusterRoleBindingArgs {
  return {
    metadata: { name: apiName, labels: labelsFor(apiName) },
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: apiName },
    subjects: [subject],
  };
}

/** Role in the namespace `default`, in which the cluster keeps the addresses of its API server. */
export function apiServerRole(): k8s.rbac.v1.RoleArgs {
  return {
    metadata: { ...apiServerMetadata, labels: labelsFor(apiName) },
    rules: [{ ...rule("discovery.k8s.io", ["endpointslices"], ["get"]), resourceNames: ["kubernetes"] }],
  };
}

/** Gives that role to the API's ServiceAccount. */
export function apiServerRoleBinding(): k8s.rbac.v1.RoleBindingArgs {
  return {
    metadata: { ...apiServerMetadata, labels: labelsFor(apiName) },
    roleRef: { apiGroup: rbacGroup, kind: "Role", name: apiServerMetadata.name },
    subjects: [subject],
  };
}

const rbacGroup = "rbac.authorization.k8s.io";
const subject = { kind: "ServiceAccount", ...portalAccount };
const apiServerMetadata = { name: "datalab-launcher", namespace: "default" };

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): Rule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: [...verbs] };
}
