import { describe, expect, it } from "@jest/globals";

import { DataProtection } from "../../components/data-protection/data-protection.ts";
import { deletionPolicy, deletionPolicyName } from "../../components/data-protection/deletion-policy.ts";
import { find, runGraph, summary } from "../support/graph.ts";

const holdData = ["datalab-identity", "datalab-storage"];

/** What the API server makes of it is asked in tests/engine/data-protection.test.ts. */
describe("the policy of what holds data", () => {
  it("looks at deletions alone, of namespaces, claims and workloads with claims, in the namespaces that are named", () => {
    const { matchConstraints, failurePolicy } = deletionPolicy(holdData).spec as {
      failurePolicy: string;
      matchConstraints: { namespaceSelector: object; resourceRules: { operations: string[]; resources: string[] }[] };
    };
    expect(failurePolicy).toBe("Fail");
    expect(matchConstraints.namespaceSelector).toEqual({
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: holdData }],
    });
    expect(matchConstraints.resourceRules.map(({ operations, resources }) => [operations, resources])).toEqual([
      [["DELETE"], ["namespaces"]],
      [["DELETE"], ["persistentvolumeclaims"]],
      [["DELETE"], ["statefulsets"]],
    ]);
  });
});

describe("the component", () => {
  it.each([
    [true, "Deny"],
    [false, "Audit"],
  ])("puts the policy into force when data is protected (%s): %s", async (protectData, action) => {
    const graph = await runGraph(() => new DataProtection("protection", { namespaces: holdData, protectData }));
    expect(summary(graph).toSorted()).toEqual([
      "datalab:data-protection:DataProtection protection",
      "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy protection-policy",
      "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding protection-policy-binding",
    ]);
    const type = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding";
    expect(find(graph, type, "protection-policy-binding").inputs).toMatchObject({
      spec: { policyName: deletionPolicyName, validationActions: [action] },
    });
  });
});
