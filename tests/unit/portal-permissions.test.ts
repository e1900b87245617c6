import { describe, expect, it } from "@jest/globals";

import { enforced, hostPolicy, portalPolicy, servicePolicy } from "../../components/portal/admission.ts";
import { portalClusterRole, portalClusterRoleBinding } from "../../components/portal/permissions.ts";
import { access } from "../support/portal.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const rulesOf = (chartKinds: Parameters<typeof portalClusterRole>[0] = []) =>
  portalClusterRole(chartKinds).rules as unknown as readonly Rule[];
const rulesOn = (resource: string) => rulesOf().filter(({ resources }) => resources.includes(resource));

// How the policies work on an API server is in tests/engine/portal-permissions.test.ts.
describe("the portal's ClusterRole", () => {
  it("has no wildcard anywhere", () => {
    expect(JSON.stringify(rulesOf())).not.toContain("*");
  });

  it("makes namespaces and labels them, but deletes none", () => {
    expect(rulesOn("namespaces").map(({ verbs }) => verbs)).toEqual([["get", "create", "patch"]]);
  });

  it("manages quotas: without that right services would start in a namespace without limits", () => {
    expect(rulesOn("resourcequotas").map(({ verbs }) => verbs)).toEqual([["get", "create", "update"]]);
  });

  it("may hand out admin, edit and view, and holds nothing that makes or raises roles", () => {
    expect(rulesOn("clusterroles")).toEqual([
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterroles"],
        verbs: ["bind"],
        resourceNames: ["admin", "edit", "view"],
      },
    ]);
    for (const resource of ["roles", "clusterrolebindings", "users", "serviceaccounts/token", "pods/exec", "nodes"]) {
      expect(rulesOn(resource)).toEqual([]);
    }
    expect(rulesOf().flatMap(({ verbs }) => verbs)).not.toContain("escalate");
    expect(rulesOf().flatMap(({ verbs }) => verbs)).not.toContain("impersonate");
  });

  it("lists only what onboarding, helm and the logs need: admission does not see reads", () => {
    const listed = rulesOf().filter(({ verbs }) => verbs.includes("list") || verbs.includes("watch"));
    expect(listed.flatMap(({ resources }) => resources).toSorted()).toEqual(["events", "pods", "secrets"]);
  });

  it("grows by the kinds that the settings name, in an order of its own", () => {
    const kinds = [
      { group: "b.org", resources: ["zebras", "apes"] },
      { group: "a.org", resources: ["cats"] },
    ];
    const verbs = ["get", "create", "patch", "delete"];
    expect(rulesOf(kinds).slice(-2)).toEqual([
      { apiGroups: ["a.org"], resources: ["cats"], verbs },
      { apiGroups: ["b.org"], resources: ["apes", "zebras"], verbs },
    ]);
  });

  it("goes to the portal's ServiceAccount", () => {
    expect(portalClusterRoleBinding()).toMatchObject({
      roleRef: { kind: "ClusterRole", name: "onyxia-api" },
      subjects: [{ kind: "ServiceAccount", name: "onyxia-api", namespace: "datalab-portal" }],
    });
  });
});

describe("the admission policies", () => {
  it("look at everything that the portal writes, and fail closed", () => {
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

  it("take the prefixes and the Pod Security level from what the region says", () => {
    const prefixes = { namespacePrefix: "person-", groupNamespacePrefix: "team-" };
    const text = JSON.stringify(portalPolicy(prefixes, "restricted"));
    expect(text).toContain("person-");
    expect(text).toContain("team-");
    expect(text).not.toContain("user-");
    expect(text).toContain("restricted");
  });

  it.each([
    ["Ingresses", hostPolicy("lab.example.test")],
    ["Services", servicePolicy()],
  ])("look at every workspace's %s, whoever makes them", (_, { spec }) => {
    expect(spec).toMatchObject({
      failurePolicy: "Fail",
      matchConstraints: { namespaceSelector: { matchLabels: { "datalab.dev/workspace": "true" } } },
    });
    expect(spec).not.toHaveProperty("matchConditions");
  });

  it("deny, not just warn", () => {
    expect(enforced("a").spec).toEqual({ policyName: "a", validationActions: ["Deny"] });
  });
});
