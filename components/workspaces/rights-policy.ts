import type { WorkspaceServices } from "./settings.ts";
import { launcherName } from "./names.ts";
import { type Policy, celList, exceptPlatform, workspacePolicy } from "./policy.ts";

export const rightsPolicyName = "datalab-workspace-rights";

/** ClusterRoles of Kubernetes that a service can be given, each more than the one before. */
const serviceRoles = ["view", "edit", "admin"] as const;

/** Those up to the setting. */
export function allowedRoles(most: WorkspaceServices["kubernetesRole"]): readonly string[] {
  return most === "none" ? [] : serviceRoles.slice(0, serviceRoles.indexOf(most) + 1);
}

/**
 * What launches and people may hand out in a workspace: up to the role of the setting, to its own ServiceAccounts. The
 * launch form asks for no more, but what a chart makes of a form's values is not the form's affair.
 */
export function rightsPolicy(most: WorkspaceServices["kubernetesRole"]): Policy {
  const roles = allowedRoles(most);
  const words = roles.length === 0 ? "none" : roles.join(", ");
  return workspacePolicy(
    rightsPolicyName,
    [
      { apiGroups: ["rbac.authorization.k8s.io"], apiVersions: ["*"], resources: ["roles", "rolebindings"] },
      { apiGroups: [""], apiVersions: ["v1"], resources: ["serviceaccounts"] },
    ],
    [
      {
        // A Role of its own could hold everything that the launcher holds.
        expression: `request.resource.resource != "roles" || ${String(most === "admin")}`,
        message: "Services of this namespace get a role of the cluster, none of their own.",
      },
      {
        expression: `request.resource.resource != "rolebindings" || (object.roleRef.kind == "ClusterRole" ? object.roleRef.name in ${celList(roles)} : ${String(most === "admin")})`,
        message: `Roles that services of this namespace can have: ${words}.`,
      },
      {
        expression: `request.resource.resource != "rolebindings" || object.?subjects.orValue([]).all(subject, subject.kind == "ServiceAccount" && subject.?namespace.orValue("") == request.namespace)`,
        message: "Rights in this namespace are for its owner and its own ServiceAccounts.",
      },
      {
        // A pod that runs as it would hold every right of a launch.
        expression: `request.resource.resource != "serviceaccounts" || object.metadata.name != "${launcherName}"`,
        message: `The ServiceAccount ${launcherName} is no one's.`,
      },
    ],
    {
      matchConditions: [
        ...exceptPlatform,
        // Operators of databases and the like make rights for their own pods. They may do so in every namespace.
        {
          name: "not-of-the-cluster",
          expression: `!authorizer.group("rbac.authorization.k8s.io").resource("rolebindings").check("create").allowed()`,
        },
      ],
    },
  );
}
