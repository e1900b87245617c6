import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";

export const deletionPolicyName = "datalab-data";

const cure =
  " holds data of the platform: set datalab:platform.protectData to false and run pulumi up before you delete it.";

/** A rule for one kind of what holds data, or leads to it. */
function rule(apiGroup: string, resource: string): k8s.types.input.admissionregistration.v1.NamedRuleWithOperations {
  return { apiGroups: [apiGroup], apiVersions: ["*"], operations: ["DELETE"], resources: [resource] };
}

/**
 * Refuses to delete namespaces that hold data, their claims and the workloads with claims, whoever asks: an administrator
 * and the controllers too. Pulumi's own protection binds Pulumi alone.
 *
 * @param namespaces their names; one that is not there costs nothing
 */
export function deletionPolicy(
  namespaces: readonly string[],
): k8s.admissionregistration.v1.ValidatingAdmissionPolicyArgs {
  return {
    metadata: { name: deletionPolicyName, labels: labelsFor(deletionPolicyName) },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        matchPolicy: "Equivalent",
        // Of a namespace itself its own labels count.
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...namespaces] }],
        },
        resourceRules: [rule("", "namespaces"), rule("", "persistentvolumeclaims"), rule("apps", "statefulsets")],
      },
      matchConditions: [
        {
          // Keycloak's keeps nothing: its update may need another one in its place.
          name: "holds-data",
          expression: `request.resource.resource != "statefulsets" || size(oldObject.spec.?volumeClaimTemplates.orValue([])) > 0`,
        },
      ],
      validations: [
        {
          expression: "false",
          messageExpression: `request.kind.kind + " " + request.name + "${cure}"`,
        },
      ],
    },
  };
}

/** Refuses, or only notes, what the policy finds. */
export function deletionBinding(
  protectData: boolean,
): k8s.admissionregistration.v1.ValidatingAdmissionPolicyBindingArgs {
  return {
    metadata: { name: deletionPolicyName, labels: labelsFor(deletionPolicyName) },
    spec: { policyName: deletionPolicyName, validationActions: [protectData ? "Deny" : "Audit"] },
  };
}
