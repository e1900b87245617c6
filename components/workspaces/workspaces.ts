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
 * What the namespace of a user or a group may hold, and the roles that are handed out there. Workspaces themselves are
 * made by the portal, when somebody logs in: so the rules are the cluster's, and go by a label.
 */
export class Workspaces extends pulumi.ComponentResource {
  constructor(name: string, args: WorkspacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:workspaces:Workspaces", name, {}, opts);
    new k8s.rbac.v1.ClusterRole(`${name}-portal-role`, portalRole(), { parent: this });
    new k8s.rbac.v1.ClusterRole(`${name}-chart-kinds-role`, chartKindsRole(args.chartKinds), { parent: this });
    for (const [policyName, policy] of Object.entries(workspacePolicies(args))) {
      const suffix = policyName.replace(/^datalab-workspace-/, "");
      const resource = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(`${name}-${suffix}-policy`, policy, {
        parent: this,
      });
      new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        `${name}-${suffix}-policy-binding`,
        enforced(policyName),
        { parent: this, dependsOn: [resource] },
      );
    }
    this.registerOutputs({});
  }
}
