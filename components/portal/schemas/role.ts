import { allowedRoles } from "../../workspaces/rights-policy.ts";
import type { WorkspaceServices } from "../../workspaces/settings.ts";
import { draft, fixed, type JsonSchema, whenEnabled } from "./schema.ts";

/**
 * Role of a service's account in its namespace; without a role there is nothing to choose.
 * @param proposed what the form proposes, or the most that is allowed
 */
export function role(most: WorkspaceServices["kubernetesRole"], proposed: "view" | "edit"): JsonSchema {
  const allowed = allowedRoles(most);
  const description = "Let the service use the Kubernetes API in your namespace";
  const properties =
    allowed.length === 0
      ? { enabled: fixed("boolean", false) }
      : {
          enabled: { type: "boolean", description, default: true },
          role: {
            type: "string",
            description: "What it may do there",
            default: allowed.includes(proposed) ? proposed : "view",
            enum: allowed,
            ...whenEnabled,
          },
        };
  return { $schema: draft, title: "Role", type: "object", properties };
}
