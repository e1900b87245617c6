import { ownerBindingName, reservedPrefix } from "./names.ts";
import { type Policy, exceptPlatform, workspacePolicy } from "./policy.ts";

export const wallsPolicyName = "datalab-workspace-walls";

/** What the platform has put into a workspace is changed and taken away by the platform alone. */
export function wallsPolicy(): Policy {
  return workspacePolicy(
    wallsPolicyName,
    [
      { apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps", "limitranges", "resourcequotas"] },
      { apiGroups: ["networking.k8s.io"], apiVersions: ["*"], resources: ["networkpolicies"] },
      { apiGroups: ["rbac.authorization.k8s.io"], apiVersions: ["*"], resources: ["rolebindings"] },
    ],
    [
      {
        expression: `!variables.name.startsWith("${reservedPrefix}") && variables.name != "${ownerBindingName}"`,
        message: `What is named ${reservedPrefix}… or ${ownerBindingName} in this namespace belongs to the platform.`,
      },
    ],
    {
      operations: ["CREATE", "UPDATE", "DELETE"],
      matchConditions: exceptPlatform,
      // When a whole collection is deleted, the request names no object.
      variables: [{ name: "name", expression: "(object != null ? object : oldObject).metadata.name" }],
    },
  );
}
