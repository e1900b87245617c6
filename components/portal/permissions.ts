/**
 * What the portal's API may do in the cluster. RBAC cannot say "only in the users' namespaces", because they do not
 * exist yet: so the ClusterRole names the kinds, and admission policies (admission.ts) name the places.
 */
import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import { namespaces } from "../names.ts";
import type { PortalSettings } from "./settings.ts";

type Rule = k8s.types.input.rbac.v1.PolicyRule;

/** Name of the API's workload, ServiceAccount, ClusterRole and binding. */
export const apiName = "onyxia-api";

/** Label of a namespace that the portal has made for a user or a group. Nobody but an administrator can add it later. */
export const workspaceLabel = "datalab.dev/workspace";
export const workspaceMark = "true";

/** ClusterRoles that the portal may hand out inside a workspace. */
export const grantableRoles = ["admin", "edit", "view"] as const;

/**
 * The rights that were enough in the audit log of a real run, and the kinds that the charts create.
 * `list` and `watch` are given only where something needs them: admission does not see reads.
 */
export function portalClusterRole(chartKinds: PortalSettings["chartKinds"]): k8s.rbac.v1.ClusterRoleArgs {
  const further = chartKinds.toSorted((a, b) => (a.group < b.group ? -1 : 1));
  return {
    metadata: { name: apiName, labels: labelsFor(apiName) },
    rules: [
      rule("", ["namespaces"], ["get", "create", "patch"]),
      rule("", ["resourcequotas"], ["get", "create", "update"]),
      rule("", ["secrets"], ["get", "list", "create", "update", "patch", "delete"]),
      rule("", ["pods"], ["get", "list"]),
      rule("", ["pods/log"], ["get"]),
      rule("", ["events"], ["watch"]),
      rule(rbacGroup, ["rolebindings"], ["get", "create", "update", "patch", "delete"]),
      { ...rule(rbacGroup, ["clusterroles"], ["bind"]), resourceNames: [...grantableRoles] },
      rule("", ["configmaps", "persistentvolumeclaims", "serviceaccounts", "services"], charts),
      rule("apps", ["daemonsets", "deployments", "statefulsets"], charts),
      rule("autoscaling", ["horizontalpodautoscalers"], charts),
      rule("batch", ["cronjobs", "jobs"], charts),
      rule("networking.k8s.io", ["ingresses", "networkpolicies"], charts),
      rule("policy", ["poddisruptionbudgets"], charts),
      ...further.map(({ group, resources }) => rule(group, resources.toSorted(), charts)),
    ],
  };
}

/** Gives the role to the API's ServiceAccount. */
export function portalClusterRoleBinding(): k8s.rbac.v1.ClusterRoleBindingArgs {
  return {
    metadata: { name: apiName, labels: labelsFor(apiName) },
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: apiName },
    subjects: [{ kind: "ServiceAccount", name: apiName, namespace: namespaces.portal }],
  };
}

const rbacGroup = "rbac.authorization.k8s.io";

/** What helm does with an object of a chart. */
const charts = ["get", "create", "patch", "delete"];

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): Rule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: [...verbs] };
}
