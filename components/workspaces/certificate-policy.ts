import { type Policy, workspacePolicy } from "./policy.ts";

export const certificatePolicyName = "datalab-workspace-certificates";

/**
 * Services are served with the platform's wildcard certificate. A Certificate of a workspace would get, for any name,
 * the signature of the authority that every browser and service of the platform trusts.
 *
 * Needed beside cert-manager's rights: a cluster that had it before gives everybody who may edit a namespace these too.
 */
export function certificatePolicy(): Policy {
  return workspacePolicy(
    certificatePolicyName,
    [{ apiGroups: ["cert-manager.io", "acme.cert-manager.io"], apiVersions: ["*"], resources: ["*"] }],
    [{ expression: "false", message: "Certificates of the platform's authorities are not for this namespace." }],
  );
}
