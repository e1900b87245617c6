/** What the admission policies of workspaces have in common. */
import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import { accountUser, portalAccount, workspaceLabel, workspaceMark } from "./names.ts";

export type Policy = k8s.admissionregistration.v1.ValidatingAdmissionPolicyArgs;
export type Binding = k8s.admissionregistration.v1.ValidatingAdmissionPolicyBindingArgs;
type PolicySpec = k8s.types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;

export interface Kind {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
}

/** A rule that must hold, in CEL, and what people read when it does not. */
export interface Validation {
  readonly expression: string;
  readonly message: string;
}

/** A policy that looks at what is made or changed in workspaces, whoever does it. */
export function workspacePolicy(
  name: string,
  kinds: readonly Kind[],
  validations: readonly Validation[],
  more: Partial<Pick<PolicySpec, "matchConditions" | "variables">> & { readonly operations?: readonly string[] } = {},
): Policy {
  const { operations = ["CREATE", "UPDATE"], ...spec } = more;
  return {
    metadata: { name, labels: labelsFor(name) },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        matchPolicy: "Equivalent",
        namespaceSelector: { matchLabels: { [workspaceLabel]: workspaceMark } },
        resourceRules: kinds.map(({ apiGroups, apiVersions, resources }) => ({
          apiGroups: [...apiGroups],
          apiVersions: [...apiVersions],
          resources: [...resources],
          operations: [...operations],
          // A selector of namespaces lets through what is in none, such as a ClusterIssuer.
          scope: "Namespaced",
        })),
      },
      validations: [...validations],
      ...spec,
    },
  };
}

/**
 * Exempts the portal's account, which puts the platform's own objects in place, and whoever could delete the whole
 * namespace anyway: operators, and the controllers that clear it away. `admin` of a namespace does not hold that right.
 */
export const exceptPlatform = [
  { name: "not-the-portal", expression: `request.userInfo.username != "${accountUser(portalAccount)}"` },
  {
    name: "not-an-operator",
    expression: `!authorizer.group("").resource("namespaces").name(request.namespace).check("delete").allowed()`,
  },
];

/** Puts a policy of the same name into force. */
export function enforced(policyName: string): Binding {
  return {
    metadata: { name: policyName, labels: labelsFor(policyName) },
    spec: { policyName, validationActions: ["Deny"] },
  };
}

/** A list of texts in CEL. */
export function celList(values: readonly string[]): string {
  return JSON.stringify(values);
}
