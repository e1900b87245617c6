import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "@jest/globals";

import { limitRange, resourceQuota } from "../../components/workspaces/limits.ts";
import { connections } from "../../components/workspaces/network-policies.ts";
import { trustFile, trustFileName, workspaceObjects } from "../../components/workspaces/objects.ts";
import { chartKindsRole, portalRole, workspaceBindings } from "../../components/workspaces/permissions.ts";
import { enforced } from "../../components/workspaces/policy.ts";
import { workspacePolicies } from "../../components/workspaces/policies.ts";
import { allowedRoles } from "../../components/workspaces/rights-policy.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { resourceOf } from "../support/isolation/calls.ts";
import { Workspaces } from "../../components/workspaces/workspaces.ts";
import { runGraph } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { access } from "../support/portal.ts";

const settings = (input: unknown = {}) => portalSettings.parse(input);
const ingress = { className: "nginx", namespace: "datalab-ingress", podHttpsPort: 8443 };

const policies = (input: unknown = {}) =>
  workspacePolicies({
    access,
    servicesDomain: "lab.example.test",
    ingress,
    services: settings({ services: input }).services,
  });

const objects = (input: unknown = {}, privateCa = false) =>
  workspaceObjects({ ...settings({ services: input }), ingress, privateCa });

interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
}

// What the policies refuse on an API server is in tests/engine/isolation.test.ts.
describe("the admission policies", () => {
  it.each(Object.entries(policies()))("%s looks at workspaces, and fails closed", (name, { metadata, spec }) => {
    expect(metadata).toMatchObject({ name });
    expect(spec).toMatchObject({
      failurePolicy: "Fail",
      matchConstraints: { namespaceSelector: { matchLabels: { "datalab.dev/workspace": "true" } } },
    });
  });

  it.each(Object.values(policies()))("say nothing of what is in no namespace", ({ spec }) => {
    const { matchConstraints } = spec as { matchConstraints: { resourceRules: { scope: string }[] } };
    for (const { scope } of matchConstraints.resourceRules) expect(scope).toBe("Namespaced");
  });

  it("deny, not just warn", () => {
    expect(enforced("a").spec).toEqual({ policyName: "a", validationActions: ["Deny"] });
  });

  it("look at these kinds and operations, so that nothing of theirs gets past them", () => {
    const watched = Object.entries(policies()).map(([name, { spec }]) => {
      const { matchConstraints } = spec as { matchConstraints: { resourceRules: Rule[] } };
      return [
        name.replace("datalab-workspace-", ""),
        ...matchConstraints.resourceRules.map(({ apiGroups, apiVersions, resources, operations }) =>
          [apiGroups, apiVersions, resources, operations].map((words) => words.join("+")).join(" "),
        ),
      ];
    });
    const made = "CREATE+UPDATE";
    const changed = "CREATE+UPDATE+DELETE";
    expect(watched).toEqual([
      ["certificates", `cert-manager.io+acme.cert-manager.io * * ${made}`],
      ["hosts", `networking.k8s.io * ingresses ${made}`],
      ["pods", " v1 pods CREATE"],
      ["rights", `rbac.authorization.k8s.io * roles+rolebindings ${made}`, ` v1 serviceaccounts ${made}`],
      ["services", ` v1 services ${made}`],
      [
        "walls",
        ` v1 configmaps+limitranges+resourcequotas ${changed}`,
        `networking.k8s.io * networkpolicies ${changed}`,
        `rbac.authorization.k8s.io * rolebindings ${changed}`,
      ],
      ["connections", `networking.k8s.io * networkpolicies ${made}`],
    ]);
  });

  it.each([
    ["certificates", ["Certificates"]],
    ["hosts", ["Host names", "TLS host names", "leave out secretName", "of the class nginx", "annotations affinity,"]],
    ["pods", ["Volumes", "leave out priorityClassName", "leave out nodeName"]],
    ["rights", ["none of their own", "can have: view", "its own ServiceAccounts", "datalab-launcher is no one's"]],
    ["services", ["of type ClusterIP", "external addresses", "no DNS records"]],
    ["walls", ["belongs to the platform"]],
    ["connections", ["may let in pods", "may open the way"]],
  ])("of %s tell people what they refuse, one by one", (name, words) => {
    const { spec } = policies()[`datalab-workspace-${name}`]!;
    const { validations } = spec as { validations: { expression: string; message: string }[] };
    expect(validations).toEqual(
      words.map((word) => ({ expression: expect.stringMatching(/./), message: expect.stringContaining(word) })),
    );
  });

  it("say nothing of NetworkPolicies where the platform makes none", () => {
    const name = "datalab-workspace-connections";
    expect(Object.keys(policies())).toContain(name);
    expect(Object.keys(policies({ networkIsolation: false }))).not.toContain(name);
  });

  it("except the portal and operators from what concerns the platform's own objects, and from nothing else", () => {
    const excepting = Object.entries(policies()).filter(([, { spec }]) => "matchConditions" in (spec as object));
    expect(excepting.map(([name]) => name).toSorted()).toEqual([
      "datalab-workspace-connections",
      "datalab-workspace-rights",
      "datalab-workspace-walls",
    ]);
  });

  it.each([
    ["none", []],
    ["view", ["view"]],
    ["edit", ["view", "edit"]],
    ["admin", ["view", "edit", "admin"]],
  ] as const)("allow roles up to %s", (most, roles) => {
    expect(allowedRoles(most)).toEqual(roles);
  });
});

describe("the objects of a workspace", () => {
  const files = (only: string | undefined) => objects().objects.filter((object) => object.only === only);

  it("are applied with the walls first and the rights last", () => {
    const resources = objects({}, true).objects.map(({ file }) => file.split(".")[0]);
    expect([...new Set(resources)]).toEqual([
      "configmaps",
      "networkpolicies",
      "resourcequotas",
      "limitranges",
      "rolebindings",
    ]);
  });

  it("differ for users and groups in the quota alone", () => {
    expect(files("user").map(({ path }) => path)).toEqual(files("group").map(({ path }) => path));
    expect(files("user")).toHaveLength(1);
  });

  it("have a file each, that names its kind and the object in its address", () => {
    const { objects: all, files: texts } = objects();
    expect(all.map(({ file }) => file).toSorted()).toEqual(Object.keys(texts).toSorted());
    for (const { file, path } of all) {
      const { kind, metadata } = JSON.parse(texts[file]!) as { kind: string; metadata: { name: string } };
      expect(path).toMatch(new RegExp(`/namespaces/@NAMESPACE@/${resourceOf(kind)}/${metadata.name}$`));
      expect(metadata.name).toMatch(/^datalab-/);
    }
  });

  it("can be told from those of charts and people by who looks after them", () => {
    for (const text of Object.values(objects().files)) {
      const { metadata } = JSON.parse(text) as { metadata: { name: string; labels: Record<string, string> } };
      expect(metadata.labels).toEqual({
        "app.kubernetes.io/name": metadata.name,
        "app.kubernetes.io/part-of": "datalab",
        "app.kubernetes.io/managed-by": "datalab-launcher",
      });
    }
  });

  it("carry the authority where there is one", async () => {
    expect(objects().objects.map(({ file }) => file)).not.toContain(trustFileName);
    expect(objects({}, true).objects.map(({ file }) => file)).toContain(trustFileName);
    const text = await new Promise<string>((resolve) => trustFile(pulumi.output("a certificate")).apply(resolve));
    expect(JSON.parse(text)).toMatchObject({ kind: "ConfigMap", data: { "ca.crt": "a certificate" } });
  });

  it("show the way to the API server to services that may use it", () => {
    const names = (input: unknown) => objects(input).objects.map(({ file }) => file);
    expect(names({})).toContain("networkpolicies.datalab-api-server.json");
    expect(names({ kubernetesRole: "none" })).not.toContain("networkpolicies.datalab-api-server.json");
    expect(names({ networkIsolation: false }).filter((file) => file.startsWith("networkpolicies"))).toEqual([]);
  });
});

describe("the connections of a workspace", () => {
  const egress = (input: unknown) =>
    JSON.stringify(connections({ ingress }, settings({ services: { egress: input } }).services.egress).spec);

  it.each(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8"])(
    "do not go to %s",
    (cidr) => {
      expect(egress({})).toContain(`"${cidr}"`);
    },
  );

  it("go where the settings open a network, and no longer where they close one", () => {
    expect(egress({ allow: ["10.20.0.0/16"] })).toContain(`{"to":[{"ipBlock":{"cidr":"10.20.0.0/16"}}]}`);
    expect(egress({ deny: ["203.0.113.0/24", "2001:db8::/32"] })).toMatch(
      /"192\.168\.0\.0\/16","198\.18\.0\.0\/15","203\.0\.113\.0\/24".*"cidr":"2000::\/3","except":\["2001:db8::\/32"\]/,
    );
  });

  it("come from the workspace itself and the ingress controller; the rest is closed, both ways", () => {
    const { spec } = connections({ ingress }, settings().services.egress);
    expect(spec).toMatchObject({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    const controller = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "datalab-ingress" } } };
    expect((spec as { ingress: unknown }).ingress).toEqual([{ from: [{ podSelector: {} }, controller] }]);
    const { egress: rules } = spec as { egress: { to?: { ipBlock?: unknown }[] }[] };
    expect(rules.map(({ to }) => to?.filter(({ ipBlock }) => ipBlock === undefined))).toEqual([
      undefined,
      [{ podSelector: {} }],
      [controller],
      [],
    ]);
    expect(rules[3]?.to?.[1]).toEqual({ ipBlock: { cidr: "2000::/3" } });
  });

  it("mean the same in any order", () => {
    expect(egress({ allow: ["10.2.0.0/16", "10.1.0.0/16"] })).toBe(egress({ allow: ["10.1.0.0/16", "10.2.0.0/16"] }));
  });

  it("refuse to close what is closed", () => {
    for (const cidr of ["fd00::/8", "2::/16", "200::/16", "2000::/3"]) {
      expect(() => settings({ services: { egress: { deny: [cidr] } } })).toThrow("closed anyway");
    }
    expect(() => settings({ services: { egress: { deny: ["0.0.0.0/0"] } } })).toThrow("close everything");
  });
});

describe("the limits of a workspace", () => {
  it("bound one container and one volume by what the form offers at most", () => {
    expect(limitRange(settings().services).spec).toMatchObject({
      limits: [
        {
          type: "Container",
          max: { cpu: "4", memory: "8Gi", "ephemeral-storage": "20Gi" },
          default: { cpu: "2", memory: "4Gi", "ephemeral-storage": "10Gi" },
          defaultRequest: { cpu: "100m", memory: "1Gi", "ephemeral-storage": "1Gi" },
        },
        { type: "PersistentVolumeClaim", max: { storage: "50Gi" } },
      ],
    });
  });

  it("count objects, with or without sums", () => {
    const hard = (enabled: boolean) =>
      (resourceQuota({ ...settings().quotas.user, enabled }).spec as { hard: Record<string, string> }).hard;
    expect(hard(true)).toMatchObject({ "count/secrets": "300", "limits.memory": "64Gi" });
    expect(Object.keys(hard(false)).every((key) => key.startsWith("count/"))).toBe(true);
  });
});

describe("the rights in a workspace", () => {
  it("go to the launcher and to the portal's account, each its own", () => {
    expect(
      workspaceBindings("user-alice").map(({ metadata, roleRef, subjects }) => [metadata, roleRef, subjects]),
    ).toMatchObject([
      [{ name: "datalab-launcher" }, { name: "admin" }, [{ name: "datalab-launcher", namespace: "user-alice" }]],
      [{ name: "datalab-chart-kinds" }, {}, [{ name: "datalab-launcher", namespace: "user-alice" }]],
      [{ name: "datalab-portal" }, {}, [{ name: "onyxia-api", namespace: "datalab-portal" }]],
    ]);
  });

  it("let the portal impersonate the launcher and nobody else", () => {
    const impersonating = (portalRole().rules as { verbs: string[] }[]).filter(({ verbs }) =>
      verbs.includes("impersonate"),
    );
    expect(impersonating).toEqual([
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"], resourceNames: ["datalab-launcher"] },
    ]);
  });

  it("name no rules where there are none: the API server forgets an empty list", () => {
    expect(chartKindsRole([])).not.toHaveProperty("rules");
  });

  it("grow by the kinds that the settings name, in an order of its own", () => {
    const verbs = ["get", "list", "create", "patch", "delete"];
    expect(
      chartKindsRole([
        { group: "b.org", resources: ["zebras", "apes"] },
        { group: "a.org", resources: ["cats"] },
      ]).rules,
    ).toEqual([
      { apiGroups: ["a.org"], resources: ["cats"], verbs },
      { apiGroups: ["b.org"], resources: ["apes", "zebras"], verbs },
    ]);
  });
});

describe("the component", () => {
  it("keeps the policies that were the portal's, and makes none of the same name beside them", async () => {
    const { services, chartKinds } = settings();
    const args = { access, servicesDomain: "lab.example.test", ingress, services, chartKinds };
    const graph = await runGraph(() => new Workspaces("workspaces", args));
    expect(looseEnds(graph)).toEqual([]);
    const former = graph.resources.filter(({ aliases }) => aliases.length > 0);
    const portal = "urn:pulumi:test::datalab::datalab:portal:Onyxia::portal";
    expect(Object.fromEntries(former.map(({ name, aliases }) => [name, aliases]))).toEqual({
      "workspaces-hosts-policy": [`portal-host-policy < ${portal}`],
      "workspaces-hosts-policy-binding": [`portal-host-policy-binding < ${portal}`],
      "workspaces-services-policy": [`portal-service-policy < ${portal}`],
      "workspaces-services-policy-binding": [`portal-service-policy-binding < ${portal}`],
    });
  });
});
