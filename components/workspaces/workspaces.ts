import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { type ChartKinds, chartKindsRole, portalRole } from "./permissions.ts";
import { workspacePolicies, type PoliciesOptions } from "./policies.ts";
import { enforced } from "./policy.ts";

export interface WorkspacesArgs extends PoliciesOptions {
  /** Further kinds of objects that charts create. */
  readonly chartKinds: readonly ChartKinds[];
}

/**
 * Names that policies had as the portal's children, until 0.1. Without them Pulumi would make the policies anew, and
 * then delete the very same objects.
 */
const formerNames: Readonly<Record<string, readonly string[]>> = {
  hosts: ["portal-host-policy"],
  services: ["portal-service-policy"],
};

/**
 * What the namespace of a user or a group may hold, and the roles that are handed out there. Workspaces themselves are
 * made by the portal, when somebody logs in: so the rules are the cluster's, and go by a label.
 *
 * @example
 * ```ts
 * const { services, chartKinds } = portal;
 * new Workspaces("workspaces", { access, servicesDomain: hosts.services, ingress, services, chartKinds }, inside);
 * ```
 */
export class Workspaces extends pulumi.ComponentResource {
  constructor(name: string, args: WorkspacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:workspaces:Workspaces", name, {}, opts);
    new k8s.rbac.v1.ClusterRole(`${name}-portal-role`, portalRole(), { parent: this });
    new k8s.rbac.v1.ClusterRole(`${name}-chart-kinds-role`, chartKindsRole(args.chartKinds), { parent: this });
    const portal = pulumi.createUrn("portal", "datalab:portal:Onyxia");
    for (const [policyName, policy] of Object.entries(workspacePolicies(args))) {
      const suffix = policyName.replace(/^datalab-workspace-/, "");
      const aliases = (end: string) =>
        (formerNames[suffix] ?? []).map((former) => ({ name: `${former}${end}`, parent: portal }));
      const resource = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(`${name}-${suffix}-policy`, policy, {
        parent: this,
        aliases: aliases(""),
      });
      new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        `${name}-${suffix}-policy-binding`,
        enforced(policyName),
        { parent: this, dependsOn: [resource], aliases: aliases("-binding") },
      );
    }
    this.registerOutputs({});
  }
}
