/** The doctor's steps on rules of admission and on rights, against a cluster of plain objects. */
import { describe, expect, it } from "@jest/globals";

import { admissionDeviation, deviation } from "../../../commands/doctor/steps/exact.ts";
import { launchRulesStep } from "../../../commands/doctor/steps/launch-rules.ts";
import { policiesStep, rightsStep } from "../../../commands/doctor/steps/policies.ts";
import {
  settings,
  rbac,
  admission,
  cluster,
  outcomeOf,
  changed,
  named,
  refused,
  type Objects,
  type Bench,
  type Named,
} from "../../support/doctor-walls-bench.ts";

describe("an exact comparison", () => {
  it.each<[string, unknown, unknown, string | undefined]>([
    ["nothing", { a: [1, { b: "x" }] }, { a: [1, { b: "x" }] }, undefined],
    ["lists that are left out", { a: [] }, {}, undefined],
    ["quantities of another form", { cpu: "1.5", memory: "1Gi" }, { cpu: "1500m", memory: "1024Mi" }, undefined],
    ["other quantities", { cpu: "2" }, { cpu: "2m" }, 'cpu is "2m", not "2"'],
    ["a number for a text", { port: "53" }, { port: 53 }, 'port is 53, not "53"'],
    ["what is missing", { a: { b: 1 } }, { a: {} }, "a.b is missing, not 1"],
    ["an empty selector more", { from: [{ x: 1 }] }, { from: [{ x: 1, y: {} }] }, "from[0].y is there, with {}"],
    ["an entry more", { a: [1] }, { a: [1, 2] }, "a has 2 entries, not 1"],
  ])("sees %s", (_, expected, actual, seen) => {
    expect(deviation(expected, actual)).toBe(seen);
  });

  it("of rules of admission leaves out what changes nothing, and no more", () => {
    const rule = { resources: ["pods"] };
    const match = (more: object) => ({
      matchConstraints: { resourceRules: [{ ...rule, ...more }], objectSelector: {} },
    });
    const expected = { matchConstraints: { resourceRules: [rule] } };
    expect(admissionDeviation(expected, match({ scope: "*" }))).toBeUndefined();
    expect(admissionDeviation(expected, match({ scope: "Cluster" }))).toMatch(/scope is there/);
  });
});

describe("the rules of admission", () => {
  const bindings = `${admission}/validatingadmissionpolicybindings`;
  const policies = `${admission}/validatingadmissionpolicies`;
  const hosts = "datalab-workspace-hosts";

  it.each<[string, Objects | undefined, string, RegExp]>([
    ["as they are declared", undefined, "passed", /9 in force/],
    [
      "without one",
      changed(
        policies,
        named(hosts, () => undefined),
      ),
      "failed",
      /no admission policy datalab-workspace-hosts/,
    ],
    [
      "with another expression",
      changed(
        policies,
        named(hosts, (item) => ({ ...item, spec: { ...item.spec, validations: [] } })),
      ),
      "failed",
      /hosts is another one: spec.validations/,
    ],
    [
      "without a binding",
      changed(
        bindings,
        named(hosts, () => undefined),
      ),
      "failed",
      /bound nowhere/,
    ],
    [
      "that only warn",
      changed(
        bindings,
        named(hosts, (item) => ({ ...item, spec: { ...item.spec, validationActions: ["Warn", "Audit"] } })),
      ),
      "failed",
      /not fully in force: spec.validationActions/,
    ],
    [
      "that are bound for some namespaces",
      changed(
        bindings,
        named(hosts, (item) => ({ ...item, spec: { ...item.spec, matchResources: { resourceRules: [{}] } } })),
      ),
      "failed",
      /not fully in force: spec.matchResources is there/,
    ],
    [
      "with more than one fault",
      {
        ...changed(
          policies,
          named(hosts, () => undefined),
        ),
        [bindings]: { items: [] },
      },
      "failed",
      /no admission policy datalab-workspace-hosts; .*datalab-workspace-pods is bound nowhere/,
    ],
  ])("are found %s", async (_, objects, status, says) => {
    const outcome = await outcomeOf(policiesStep, objects === undefined ? {} : { objects });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });
});

describe("what launches may not make", () => {
  const launcher = "system:serviceaccount:user-alice:datalab-launcher";
  /** Which policy looks at a kind; the launcher's account has no rights elsewhere, nor to certificates. */
  const policyOf: Readonly<Record<string, string>> = {
    Pod: "datalab-workspace-pods",
    Ingress: "datalab-workspace-hosts",
    Service: "datalab-workspace-services",
    NetworkPolicy: "datalab-workspace-connections",
    RoleBinding: "datalab-workspace-rights",
    ConfigMap: "datalab-workspace-walls",
  };
  const refusal = (account: string, { kind, metadata: { name } }: Named) => {
    if (name === "doctor-elsewhere")
      return `configmaps is forbidden: User "it" cannot create resource "configmaps" in API group "" in the namespace "datalab-portal"`;
    if (kind === "Certificate") return `User "it" cannot create resource "certificates" in API group "cert-manager.io"`;
    const policy = account === launcher ? policyOf[kind] : "datalab-portal-workspaces";
    return `"${name}" is forbidden: ValidatingAdmissionPolicy '${policy ?? ""}' denied request`;
  };
  /** All is refused but what a test lets in. */
  const would =
    (isLetIn: (object: Named) => boolean = () => false): NonNullable<Bench["would"]> =>
    (account, objects) => ({
      accepted: objects.filter(isLetIn).map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`),
      refusals: objects.filter((object) => !isLetIn(object)).map((object) => refusal(account, object)),
    });

  it.each<[string, Bench, string, RegExp]>([
    ["is refused", { would: would() }, "passed", /13 attempts refused in user-alice/],
    [
      "is refused where services are not kept apart",
      { of: settings({ portal: { services: { networkIsolation: false } } }), would: would() },
      "passed",
      /12 attempts refused/,
    ],
    [
      "is let in",
      { would: would(({ metadata }) => ["doctor-node", "doctor-neighbour"].includes(metadata.name)) },
      "failed",
      /user-alice the API server lets in a pod that names its node; a page at a neighbour's address"/,
    ],
    [
      "is let in for the portal",
      { would: would(({ kind }) => kind === "Namespace") },
      "failed",
      /lets in the portal's account with a namespace that is no workspace"/,
    ],
    [
      "is refused by another rule",
      { would: (_, objects) => ({ accepted: [], refusals: objects.map((one) => refusal("portal", one)) }) },
      "warning",
      /a pod that names its node: .*datalab-portal-workspaces.*; a pod with the platform's priority: /,
    ],
    [
      "is refused by another rule, where only the others meet theirs",
      {
        would: (account, objects) => ({
          accepted: [],
          refusals: objects.map((one) =>
            one.metadata.name === "doctor-volume" ? `pods "doctor-volume" violates it` : refusal(account, one),
          ),
        }),
      },
      "warning",
      /not have: a pod with a volume from outside: pods \\"doctor-volume\\" violates it"/,
    ],
    ["is not answered", { would: () => ({ accepted: [], refusals: [] }) }, "warning", /its node: no answer/],
    ["cannot be tried", { would: () => refused }, "warning", /cannot be told .*user-alice.* no.*impersonate/],
    [
      "is not tried before there is a workspace",
      { objects: { ...cluster(), "/api/v1/namespaces": { items: [] } } },
      "passed",
      /no workspace yet/,
    ],
    [
      "is not tried where the launcher has no rights",
      { objects: { ...cluster(), [`${rbac}/rolebindings`]: { items: [] } } },
      "passed",
      /no workspace yet/,
    ],
    [
      "is tried in another's workspace",
      {
        objects: { ...cluster(), "/api/v1/namespaces": { items: [{ metadata: { name: "project-team" } }] } },
        would: () => refused,
      },
      "warning",
      /project-team/,
    ],
  ])("%s", async (_, bench, status, says) => {
    const outcome = await outcomeOf(launchRulesStep, bench);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });
});

describe("rights", () => {
  const role = (name: string, rules: unknown): Objects => ({
    ...cluster(),
    [`${rbac}/clusterroles/${name}`]: { rules },
  });

  it.each<[string, Objects, string, RegExp]>([
    ["that are declared", cluster(), "passed", /passed/],
    [
      "of the portal that reach further",
      role("onyxia-api", [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }]),
      "failed",
      /ClusterRole onyxia-api gives other rights: rules has 1 entries/,
    ],
    [
      "of everybody to ask for certificates",
      role("edit", [{ apiGroups: ["cert-manager.io"] }]),
      "failed",
      /ClusterRole edit .*cert-manager\.io.*pulumi up/,
    ],
  ])("are told: %s", async (_, objects, status, says) => {
    const outcome = await outcomeOf(rightsStep, { objects });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it("that come from somebody else's cert-manager are to be mended there", async () => {
    const of = settings({ certificates: { issuer: "existing", issuerName: "ours" } });
    const objects = {
      ...cluster(of),
      [`${rbac}/clusterroles/admin`]: { rules: [{ apiGroups: ["acme.cert-manager.io"] }] },
    };
    expect(await outcomeOf(rightsStep, { of, objects })).toMatchObject({
      status: "failed",
      cure: expect.stringContaining("aggregateClusterRoles=false"),
    });
  });
});
