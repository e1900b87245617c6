/** Fixed names of what the platform puts into every workspace: the namespace of a user, or of a group. */
import { selectorFor } from "../kubernetes/labels.ts";
import { namespaces } from "../names.ts";

/** Label of a namespace that the portal has made for a user or a group. Nobody but an administrator can add it later. */
export const workspaceLabel = "datalab.dev/workspace";
export const workspaceMark = "true";

/** Beginning of the names of all that is the platform's in a workspace; charts and people make nothing of that name. */
export const reservedPrefix = "datalab-";

/**
 * ServiceAccount whose rights a launch has. It need not exist: the portal impersonates it, which is the only kind of
 * impersonation that a RoleBinding can limit to one namespace.
 */
export const launcherName = "datalab-launcher";
/** RoleBinding of the portal's account in a workspace. */
export const portalBindingName = "datalab-portal";
/** RoleBinding for the further kinds of the catalogues' charts, and their ClusterRole. */
export const chartKindsName = "datalab-chart-kinds";
/** ClusterRole of the portal's account in each workspace. */
export const portalWorkspaceRole = "onyxia-api-workspace";
/** RoleBinding that Onyxia itself makes for the owner, at every login. */
export const ownerBindingName = "full_control_namespace";
/** The platform's ResourceQuota and LimitRange. Onyxia has a quota of its own beside it. */
export const limitsName = "datalab-limits";
/** NetworkPolicies: what is open by default, and the way to the API server. */
export const connectionsName = "datalab-connections";
export const apiServerConnectionName = "datalab-api-server";
/** ConfigMap with the authorities that services trust. */
export const trustName = "datalab-trust";

/** ServiceAccount of the portal's API. */
export const portalAccount = { name: "onyxia-api", namespace: namespaces.portal } as const;

/** How the API server calls a ServiceAccount. */
export function accountUser({ name, namespace }: { readonly name: string; readonly namespace: string }): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/**
 * Prefix of users and groups in the RoleBindings that the portal makes: no portal user is ever taken for a user or group
 * of the cluster that happens to have the same name.
 */
export const subjectPrefix = "oidc-";

/** Labels of what the launcher puts into a workspace. */
export function labelsInWorkspace(name: string): Record<string, string> {
  return { ...selectorFor(name), "app.kubernetes.io/managed-by": launcherName };
}

/** Texts of the workspaces' objects that the launcher fills in. Where one stands in quotation marks, they go with it. */
export const placeholders = {
  namespace: "@NAMESPACE@",
  /** A list of peers of a NetworkPolicy. */
  apiServer: "@API_SERVER@",
  /** A number. */
  apiServerPort: "@API_SERVER_PORT@",
} as const;
