/** Rights inside a workspace. Each is bound there alone, by a RoleBinding that the launcher puts in place. */
import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import {
  chartKindsName,
  labelsInWorkspace,
  launcherName,
  portalAccount,
  portalBindingName,
  portalWorkspaceRole,
} from "./names.ts";

type Rule = k8s.types.input.rbac.v1.PolicyRule;
type ClusterRole = k8s.rbac.v1.ClusterRoleArgs;
type RoleBinding = k8s.rbac.v1.RoleBindingArgs;

/** Kinds of objects beyond Kubernetes' own that charts create. */
export interface ChartKinds {
  readonly group: string;
  readonly resources: readonly string[];
}

const rbacGroup = "rbac.authorization.k8s.io";

/**
 * What Onyxia's API does itself in a workspace. Each verb was taken away alone on the real API 4.12.0, and something
 * broke; with these, launches, lists, logs, events, names, shares, pauses and removals worked.
 */
export function portalRole(): ClusterRole {
  return {
    metadata: { name: portalWorkspaceRole, labels: labelsFor(portalWorkspaceRole) },
    rules: [
      { ...rule("", ["serviceaccounts"], ["impersonate"]), resourceNames: [launcherName] },
      // Onyxia keeps a service's name, owner and catalogue in a Secret.
      rule("", ["secrets"], ["get", "create", "patch"]),
      rule("", ["pods"], ["list"]),
      rule("", ["pods/log"], ["get"]),
      rule("", ["events"], ["watch"]),
      rule("apps", ["daemonsets", "deployments", "statefulsets"], ["get"]),
    ],
  };
}

/** What helm does with the further kinds, beside all that `admin` of a namespace holds. */
export function chartKindsRole(kinds: readonly ChartKinds[]): ClusterRole {
  const rules = kinds
    .toSorted((a, b) => (a.group < b.group ? -1 : 1))
    .map(({ group, resources }) => rule(group, resources.toSorted(), ["get", "list", "create", "patch", "delete"]));
  return {
    metadata: { name: chartKindsName, labels: labelsFor(chartKindsName) },
    // The API server forgets an empty list, which would be a change in every preview.
    ...(rules.length === 0 ? {} : { rules }),
  };
}

/** RoleBinding and the ClusterRole that it gives, by the binding's name. */
export const workspaceRoles = {
  [launcherName]: "admin",
  [chartKindsName]: chartKindsName,
  [portalBindingName]: portalWorkspaceRole,
} as const;

/** Gives launches the namespace, and the portal what it does there itself. */
export function workspaceBindings(namespace: string): RoleBinding[] {
  const launcher = { kind: "ServiceAccount", name: launcherName, namespace };
  const portal = { kind: "ServiceAccount", ...portalAccount };
  return Object.entries(workspaceRoles).map(([name, role]) => ({
    metadata: { name, labels: labelsInWorkspace(name) },
    roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: role },
    subjects: [name === portalBindingName ? portal : launcher],
  }));
}

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): Rule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: [...verbs] };
}
