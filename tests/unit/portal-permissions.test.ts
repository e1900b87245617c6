import { describe, expect, it } from "@jest/globals";

import { apiServerRole, portalClusterRole, portalClusterRoleBinding } from "../../components/portal/permissions.ts";
import { portalPolicy } from "../../components/portal/portal-policy.ts";
import { access } from "../support/portal.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const rules = portalClusterRole().rules as unknown as readonly Rule[];
const rulesOn = (resource: string) => rules.filter(({ resources }) => resources.includes(resource));

// How they work on an API server is in tests/engine/portal-permissions.test.ts.
describe("the portal's ClusterRole", () => {
  it("has no wildcard anywhere", () => {
    expect(JSON.stringify(rules)).not.toContain("*");
  });

  it("reads namespaces, quotas and bindings, and nothing else: admission does not see reads", () => {
    const reading = rules.filter(({ verbs }) => verbs.some((verb) => ["get", "list", "watch"].includes(verb)));
    expect(reading.flatMap(({ resources }) => resources).toSorted()).toEqual([
      "namespaces",
      "resourcequotas",
      "rolebindings",
    ]);
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain("list");
    expect(rulesOn("secrets")).toEqual([]);
  });

  it("makes namespaces and labels them, but deletes nothing in the cluster", () => {
    expect(rulesOn("namespaces").map(({ verbs }) => verbs)).toEqual([["get", "create", "patch"]]);
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain("delete");
  });

  it("hands out the roles of a workspace, and holds nothing that makes or raises roles", () => {
    expect(rulesOn("clusterroles")).toEqual([
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterroles"],
        verbs: ["bind"],
        resourceNames: ["admin", "datalab-chart-kinds", "onyxia-api-workspace"],
      },
    ]);
    for (const resource of ["roles", "clusterrolebindings", "users", "serviceaccounts", "pods", "nodes"]) {
      expect(rulesOn(resource)).toEqual([]);
    }
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain("escalate");
    expect(rules.flatMap(({ verbs }) => verbs)).not.toContain("impersonate");
  });

  it("reads one EndpointSlice, in the namespace default", () => {
    expect(apiServerRole()).toMatchObject({
      metadata: { namespace: "default" },
      rules: [{ resources: ["endpointslices"], verbs: ["get"], resourceNames: ["kubernetes"] }],
    });
  });

  it("goes to the portal's ServiceAccount", () => {
    expect(portalClusterRoleBinding()).toMatchObject({
      roleRef: { kind: "ClusterRole", name: "onyxia-api" },
      subjects: [{ kind: "ServiceAccount", name: "onyxia-api", namespace: "datalab-portal" }],
    });
  });
});

describe("the portal's admission policy", () => {
  it("looks at everything that the portal writes, and fails closed", () => {
    expect(portalPolicy(access, "baseline").spec).toMatchObject({
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"] }],
      },
      matchConditions: [
        { expression: `request.userInfo.username == "system:serviceaccount:datalab-portal:onyxia-api"` },
      ],
    });
  });

  it("takes the prefixes and the Pod Security level from what the region says", () => {
    const prefixes = { ...access, namespacePrefix: "person-", groupNamespacePrefix: "team-" };
    const text = JSON.stringify(portalPolicy(prefixes, "restricted"));
    expect(text).toContain("person-");
    expect(text).toContain("team-");
    expect(text).not.toContain("user-");
    expect(text).toContain("restricted");
  });
});
