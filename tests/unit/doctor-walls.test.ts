/** The doctor's steps on the walls around people's services, against a cluster of plain objects. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { Kubectl, KubectlError, type MakingAnswer } from "../../checks/kubectl/kubectl.ts";
import type { Context, Outcome, Step } from "../../commands/doctor/step.ts";
import { answersIn, attemptScript } from "../../commands/doctor/steps/attempts.ts";
import { admissionDeviation, deviation } from "../../commands/doctor/steps/exact.ts";
import { launcherLogStep } from "../../commands/doctor/steps/launcher-log.ts";
import { launchFormStep } from "../../commands/doctor/steps/launch-form.ts";
import { launchRulesStep } from "../../commands/doctor/steps/launch-rules.ts";
import { launcherStep } from "../../commands/doctor/steps/launcher.ts";
import { networkPoliciesStep } from "../../commands/doctor/steps/network-policies.ts";
import { policiesStep, rightsStep } from "../../commands/doctor/steps/policies.ts";
import { servicesStep } from "../../commands/doctor/steps/services.ts";
import { workspaceConnectionsStep } from "../../commands/doctor/steps/workspace-connections.ts";
import { workspacesStep } from "../../commands/doctor/steps/workspaces.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";

const settings = (more: Record<string, unknown> = {}): Settings =>
  parseSettings({
    stack: "test",
    values: {
      platform: { domain: "example.test" },
      cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
      ingress: { kind: "traefik" },
      certificates: { issuer: "privateCa" },
      objectStore: { kind: "minio" },
      ...more,
    },
    secretKeys: [],
  });

const portal = "/api/v1/namespaces/datalab-portal";
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const admission = "/apis/admissionregistration.k8s.io/v1";
const network = "/apis/networking.k8s.io/v1/networkpolicies";
const apiLog = `${portal}/pods/onyxia-api-1/log`;
const apiDeployment = "/apis/apps/v1/namespaces/datalab-portal/deployments/onyxia-api";
const authorities = { kind: "ConfigMap", metadata: { name: "datalab-trust" }, data: { "ca.crt": "the authority" } };

type Objects = Record<string, unknown>;

/** Answers of the API server, by path without the query, of a cluster in which alice and team have their walls. */
function cluster(of = settings()): Objects {
  const { walls } = expectationsOf(of);
  const byKind = (kind: string) =>
    [
      ["user-alice", "user"],
      ["project-team", "group"],
    ].flatMap(([namespace = "", owner]) =>
      walls.objects
        .filter(({ only }) => only === undefined || only === owner)
        .map(({ file }) => walls.templates.data[file] ?? JSON.stringify(authorities))
        .map((text) =>
          text
            .replaceAll("@NAMESPACE@", namespace)
            .replace('"@API_SERVER@"', '[{"ipBlock":{"cidr":"10.96.0.1/32"}},{"ipBlock":{"cidr":"192.0.2.1/32"}}]')
            .replace('"@API_SERVER_PORT@"', "6443"),
        )
        .map((text) => JSON.parse(text) as { kind: string; metadata: object })
        .filter((object) => object.kind === kind)
        .map((object) => ({ ...object, kind: undefined, metadata: { ...object.metadata, namespace } })),
    );
  const map = ({ data }: { data: object }) => ({ data: { ...data } });
  return {
    [`${admission}/validatingadmissionpolicies`]: {
      items: Object.entries(walls.policies).map(([name, { spec }]) => ({ metadata: { name }, spec: completed(spec) })),
    },
    [`${admission}/validatingadmissionpolicybindings`]: {
      items: Object.keys(walls.policies).map((policyName) => ({
        metadata: { name: policyName },
        spec: { policyName, validationActions: ["Deny"] },
      })),
    },
    ...Object.fromEntries(
      walls.roles.map(({ metadata, rules }) => [
        `${rbac}/clusterroles/${(metadata as { name: string }).name}`,
        { rules },
      ]),
    ),
    [`${rbac}/clusterroles/edit`]: { rules: [{ apiGroups: ["", "apps"] }] },
    [`${rbac}/clusterroles/admin`]: { rules: [{ apiGroups: ["rbac.authorization.k8s.io"] }] },
    [`${portal}/configmaps/onyxia-launcher`]: map(walls.launcher),
    [`${portal}/configmaps/onyxia-schemas`]: map(walls.schemas),
    [`${portal}/configmaps/onyxia-workspaces`]: map(walls.templates),
    [`${portal}/configmaps/onyxia-workspace-trust`]: { data: { "configmaps.trust.json": JSON.stringify(authorities) } },
    [apiDeployment]: {
      spec: {
        template: {
          spec: {
            containers: [
              {
                volumeMounts: [
                  { name: "launcher", mountPath: "/usr/local/sbin/helm", subPath: "helm" },
                  { name: "launcher", mountPath: "/launcher" },
                  { name: "launcher-objects", mountPath: "/launcher-objects" },
                  ...walls.schemaFiles.map((mountPath) => ({ name: "schemas", mountPath })),
                ],
              },
            ],
          },
        },
      },
    },
    [`${portal}/pods`]: { items: [{ metadata: { name: "onyxia-api-1" } }] },
    [apiLog]: "",
    "/api/v1/namespaces": { items: [{ metadata: { name: "user-alice" } }, { metadata: { name: "project-team" } }] },
    "/api/v1/namespaces/user-alice": {},
    "/api/v1/namespaces/user-alice/pods": { items: [{}] },
    "/api/v1/namespaces/project-team/pods": { items: [] },
    "/api/v1/configmaps": { items: byKind("ConfigMap") },
    "/api/v1/limitranges": { items: byKind("LimitRange") },
    "/api/v1/resourcequotas": { items: byKind("ResourceQuota") },
    [network]: { items: byKind("NetworkPolicy") },
    [`${rbac}/rolebindings`]: { items: byKind("RoleBinding") },
    "/api/v1/namespaces/default/services/kubernetes": { spec: { clusterIP: "10.96.0.1" } },
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes": {
      addressType: "IPv4",
      endpoints: [{ addresses: ["192.0.2.1"] }],
      ports: [{ port: 6443 }],
    },
  };
}

/** A rule of admission with what the API server adds to it. */
function completed(spec: unknown): unknown {
  const { matchConstraints, ...rest } = JSON.parse(JSON.stringify(spec)) as {
    matchConstraints: { resourceRules: object[] };
  };
  const resourceRules = matchConstraints.resourceRules.map((rule) => ({ scope: "*", ...rule }));
  return {
    ...rest,
    matchConstraints: { objectSelector: {}, namespaceSelector: {}, ...matchConstraints, resourceRules },
  };
}

interface Bench {
  readonly of?: Settings;
  readonly objects?: Objects;
  /** What the script in the API's pod prints, or why it does not run. */
  readonly run?: string | KubectlError;
  /** What the pod in the workspace prints, or why it is not made. */
  readonly trial?: string | KubectlError;
  readonly web?: { readonly status: number; readonly text: string };
  readonly facts?: Context["facts"];
  /** Paths that were deleted. */
  readonly deleted?: string[];
  /** What the API server says to an account that would make objects; each is refused unless told otherwise. */
  readonly would?: (account: string, objects: readonly Named[]) => MakingAnswer | KubectlError;
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const finished = { metadata: { name: "trial", namespace: "user-alice" }, status: { phase: "Succeeded" } };

/** Runs a step as alice. */
async function outcomeOf(step: Step, bench: Bench = {}): Promise<Outcome> {
  const { of = settings(), objects = cluster(of), run = "", trial = "", deleted = [] } = bench;
  const at = (path: string): unknown => {
    const plain = path.replace(/\?.*/, "");
    if (/\/datalab-doctor-[0-9a-f]{8}$/.test(plain)) return finished;
    if (/\/datalab-doctor-[0-9a-f]{8}\/log$/.test(plain)) return trial;
    const found = objects[plain];
    if (found instanceof Error) throw found;
    if (found === undefined) throw new KubectlError("not found", `${plain} not found`);
    return found;
  };
  // eslint-disable-next-line @typescript-eslint/require-await
  const answer = async (path: string) => at(path);
  const kubectl = {
    get: answer,
    text: answer,
    run: () => (run instanceof Error ? Promise.reject(run) : Promise.resolve(run)),
    create: () => (trial instanceof Error ? Promise.reject(trial) : Promise.resolve()),
    delete: (path: string) => Promise.resolve(deleted.push(path)),
    // eslint-disable-next-line @typescript-eslint/require-await
    wouldMake: async (account: string, named: readonly Named[]) => {
      const said = bench.would?.(account, named) ?? { accepted: [], refusals: [] };
      if (said instanceof Error) throw said;
      return said;
    },
  };
  const context = {
    expected: expectationsOf(of),
    options: { user: "alice", write: true, timeout: 10 },
    facts: { portalToken: "token", ...bench.facts },
    kubectl,
    web: { request: () => Promise.resolve({ headers: {}, status: 200, text: '{"apps":[]}', ...bench.web }) },
    now: () => new Date("2026-11-29T12:00:00Z"),
  } as unknown as Context;
  return step.run(context);
}

/** The list of a path, changed. */
function changed(path: string, change: (items: Item[]) => unknown[], of = settings()): Objects {
  const objects = cluster(of);
  const { items } = JSON.parse(JSON.stringify(objects[path])) as { items: Item[] };
  return { ...objects, [path]: { items: change(items) } };
}

interface Item {
  metadata: { name: string; namespace?: string };
  spec: Record<string, unknown>;
}

const named = (name: string, change: (item: Item) => unknown) => (items: Item[]) =>
  items.flatMap((item) => (item.metadata.name === name ? (change(item) ?? []) : item));

const refused = new KubectlError("refused", "Error from server (Forbidden): no");

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

describe("attempts to connect", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "datalab-attempts-"));
    // What GNU wget says; the program itself is not on every machine.
    const script = `#!/bin/sh
case "$*" in
  --version) echo "GNU Wget 1.21.4 built on linux-gnu." ;;
  *http://open*) echo "Connecting to open (open)|192.0.2.1|:80... connected."; exit 4 ;;
  *https://stranger*) echo "Connecting to stranger... connected."; echo "ERROR: cannot verify"; exit 5 ;;
  *http://nowhere*) echo "wget: unable to resolve host address 'nowhere'" >&2; exit 4 ;;
  *http://[[]::1]:1/*) echo "Connecting to [::1]:1... connected."; exit 8 ;;
  *) echo "Connecting to it... failed: Connection refused."; exit 4 ;;
esac
`;
    writeFileSync(join(folder, "wget"), script, { mode: 0o755 });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const print = (script: string, path: string) =>
    spawnSync("/bin/sh", ["-c", script], { env: { PATH: path, NODE: "[::1]" }, encoding: "utf8" }).stdout;

  it("are told apart by what wget says", () => {
    const urls = ["http://open/", "https://stranger/", "http://nowhere/", "http://shut/", "http://$NODE:1/"];
    const script = attemptScript(urls.map((url, index) => ({ key: String(index), url })));
    const answer = answersIn(print(script, [folder, "/usr/bin", "/bin"].join(delimiter)));
    expect(urls.map((_, index) => answer(String(index)))).toEqual([
      "connected",
      "untrusted",
      "unresolved",
      "closed",
      "connected",
    ]);
  });

  it("say nothing at all without GNU wget", () => {
    const output = print(attemptScript([{ key: "a", url: "http://open/" }]), "/nonexistent");
    expect(output).toContain("no wget");
    expect(answersIn(output)("a")).toBeUndefined();
  });

  it("trust the workspace's authorities where they are private", () => {
    expect(attemptScript([], "/trust/ca.crt")).toContain("--ca-certificate=/trust/ca.crt");
    expect(attemptScript([])).not.toContain("--ca-certificate");
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

describe("the launcher", () => {
  const deployment = (volumeMounts: object[]) => ({
    spec: { template: { spec: { containers: [{ volumeMounts }] } } },
  });

  it.each<[string, Objects, string, RegExp]>([
    ["where the API looks for helm", cluster(), "passed", /passed/],
    [
      "which is not mounted",
      { ...cluster(), [apiDeployment]: deployment([{ name: "launcher", mountPath: "/launcher" }]) },
      "failed",
      /no launcher at \/usr\/local\/sbin\/helm/,
    ],
    [
      "under another file's name",
      {
        ...cluster(),
        [apiDeployment]: deployment([{ name: "launcher", mountPath: "/usr/local/sbin/helm", subPath: "x" }]),
      },
      "failed",
      /no launcher at \/usr\/local\/sbin\/helm/,
    ],
    [
      "of another version",
      { ...cluster(), [`${portal}/configmaps/onyxia-launcher`]: { data: { helm: "#!/bin/sh" } } },
      "failed",
      /helm in ConfigMap datalab-portal\/onyxia-launcher is another one/,
    ],
    [
      "with two other files",
      { ...cluster(), [`${portal}/configmaps/onyxia-launcher`]: { data: { helm: "", more: "" } } },
      "failed",
      /helm in ConfigMap .*; .*more in ConfigMap datalab-portal\/onyxia-launcher is another one/,
    ],
    [
      "that is not there",
      { ...cluster(), [`${portal}/configmaps/onyxia-launcher`]: undefined },
      "failed",
      /no ConfigMap/,
    ],
  ])("is looked for: one %s", async (_, objects, status, says) => {
    const outcome = await outcomeOf(launcherStep, { objects });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it.each<[string, Bench, string, RegExp]>([
    ["as they are declared", {}, "passed", /19 of them/],
    [
      "of public certificates",
      { of: settings({ certificates: { issuer: "existing", issuerName: "public" } }) },
      "passed",
      /19 of them/,
    ],
    [
      "with another text",
      { objects: { ...cluster(), [`${portal}/configmaps/onyxia-schemas`]: { data: { "spark.json": "{}" } } } },
      "failed",
      /in ConfigMap datalab-portal\/onyxia-schemas is another one/,
    ],
    [
      "that the API does not find",
      { objects: { ...cluster(), [apiDeployment]: deployment([]) } },
      "failed",
      /no \/schemas\/default\/ide\/resources\.json, no .*\/certificates\.json: it takes/,
    ],
  ])("is held to the schemas: those %s", async (_, bench, status, says) => {
    const outcome = await outcomeOf(launchFormStep, bench);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  const line = (text: string) => `2026-11-29T11:59:59.5Z ${text}\n`;

  it.each<[string, unknown, string, RegExp]>([
    ["nothing", line("2026 INFO launched"), "passed", /none failed/],
    ["a refused launch", line("launcher: the launch of a in user-bob failed"), "warning", /Something failed.*user-bob/],
    [
      "several, the newest first",
      `${line("launcher: helm ls in user-bob failed")}2026-11-29T11:00:00Z launcher: PATCH /api: 403\n`,
      "warning",
      /2 things failed in the launcher, last: launcher: helm ls in user-bob/,
    ],
    ["walls that were refused", line("launcher: PATCH /api/v1: 403"), "warning", /refuses what the launcher puts/],
    ["no log", refused, "warning", /cannot be told whether launches failed/],
  ])("is heard in the API's log: %s", async (_, log, status, says) => {
    const outcome = await outcomeOf(launcherLogStep, { objects: { ...cluster(), [apiLog]: log } });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it.each<[string, Bench, string, RegExp]>([
    ["lists them", {}, "passed", /0 in user-alice/],
    [
      "fails for the user",
      { objects: { ...cluster(), [apiLog]: line("launcher: helm ls in user-alice failed") } },
      "failed",
      /fails in user-alice/,
    ],
    [
      "fails for everybody",
      { objects: { ...cluster(), [apiLog]: line("launcher: the EndpointSlice names none") } },
      "failed",
      /EndpointSlice/,
    ],
    [
      "fails for a neighbour",
      { objects: { ...cluster(), [apiLog]: line("launcher: helm ls in user-alicia failed") } },
      "passed",
      /user-alice/,
    ],
    [
      "is refused by Kubernetes",
      { web: { status: 500, text: "pods is forbidden" } },
      "failed",
      /answers 500: pods is forbidden/,
    ],
    [
      "has no workspace yet",
      { objects: { ...cluster(), "/api/v1/namespaces/user-alice": undefined } },
      "passed",
      /first opens/,
    ],
  ])("is asked for the user's services: it %s", async (_, bench, status, says) => {
    const outcome = await outcomeOf(servicesStep, bench);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });
});

describe("workspaces", () => {
  const connections = (change: (item: Item) => unknown) => changed(network, named("datalab-connections", change));
  const workspace = (name: string) => changed("/api/v1/namespaces", (items) => [...items, { metadata: { name } }]);
  const policy = (spec: object) =>
    changed(network, (items) => [...items, { metadata: { name: "chart", namespace: "user-alice" }, spec }]);

  it.each<[string, Bench, string, RegExp]>([
    ["with all their walls", {}, "passed", /"note":"2"/],
    [
      "in which something runs without one",
      { objects: connections(() => undefined) },
      "failed",
      /without the platform's walls in user-alice \(no NetworkPolicy datalab-connections\)/,
    ],
    [
      "with a wall that somebody has opened",
      { objects: connections((item) => ({ ...item, spec: { ...item.spec, ingress: [{}] } })) },
      "failed",
      /another NetworkPolicy datalab-connections: spec.ingress\[0\]/,
    ],
    [
      "that trust another authority",
      {
        objects: {
          ...cluster(),
          "/api/v1/configmaps": {
            items: [{ metadata: { name: "datalab-trust", namespace: "user-alice" }, data: { "ca.crt": "x" } }],
          },
        },
      },
      "failed",
      /another ConfigMap datalab-trust: data/,
    ],
    [
      "in which nothing runs",
      { objects: { ...connections(() => undefined), "/api/v1/namespaces/user-alice/pods": { items: [] } } },
      "passed",
      /2, 2 of them empty and without walls until their next launch/,
    ],
    [
      "of a name with a hyphen",
      { objects: workspace("user-jean-pierre") },
      "warning",
      /user-jean-pierre has a name.*hyphenatedNames/,
    ],
    ["of no user or group", { objects: workspace("lab") }, "warning", /lab has a name.*made by hand/],
    [
      "with a policy of a chart that lets in everybody",
      { objects: policy({ ingress: [{}] }) },
      "warning",
      /chart in user-alice opens more/,
    ],
    [
      "with one that lets in neighbours",
      { objects: policy({ ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }] }] }) },
      "warning",
      /opens more/,
    ],
    [
      "with one that opens a network",
      { objects: policy({ egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }) },
      "warning",
      /opens more/,
    ],
    [
      "with one that opens nothing more",
      {
        objects: policy({
          ingress: [
            {
              from: [
                { podSelector: {} },
                { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "datalab-ingress" } } },
              ],
            },
          ],
          egress: [{ to: [{ podSelector: {} }] }],
        }),
      },
      "passed",
      /"2"/,
    ],
    [
      "of a launcher that has other objects",
      { objects: { ...cluster(), [`${portal}/configmaps/onyxia-workspaces`]: { data: {} } } },
      "failed",
      /ConfigMap datalab-portal\/onyxia-workspaces is another one/,
    ],
  ])("are looked at: those %s", async (_, bench, status, says) => {
    const outcome = await outcomeOf(workspacesStep, bench);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it("without walls get them by a command of an operator, too", async () => {
    expect(await outcomeOf(workspacesStep, { objects: connections(() => undefined) })).toMatchObject({
      cause: expect.stringContaining("has not opened the portal since"),
      cure: expect.stringContaining(
        "`kubectl --namespace datalab-portal exec deployment/onyxia-api -- sh -c 'rm -f /tmp/workspaces/user-alice; helm ls --namespace user-alice'`",
      ),
    });
  });

  it("may have hyphens in their names where the stack file allows it", async () => {
    const of = settings({ identity: { hyphenatedNames: true } });
    const objects = changed(
      "/api/v1/namespaces",
      (items) => [...items, { metadata: { name: "user-jean-pierre" } }],
      of,
    );
    const empty = { "/api/v1/namespaces/user-jean-pierre/pods": { items: [] } };
    expect(await outcomeOf(workspacesStep, { of, objects: { ...objects, ...empty } })).toMatchObject({
      status: "passed",
    });
  });
});

describe("network policies", () => {
  it.each<[string, string | KubectlError, string, RegExp]>([
    ["that hold", "attempt api-server connected\nattempt keycloak closed\n", "passed", /passed/],
    [
      "that do not",
      "attempt api-server connected\nattempt keycloak connected\n",
      "failed",
      /does not enforce NetworkPolicies/,
    ],
    [
      "of a pod that reaches nothing",
      "attempt api-server closed\nattempt keycloak closed\n",
      "warning",
      /cannot be told/,
    ],
    [
      "of a cluster without DNS",
      "attempt api-server unresolved\nattempt keycloak unresolved\n",
      "warning",
      /cannot be told/,
    ],
    ["of a pod without wget", "no wget\n", "warning", /no wget/],
    ["where nothing may be run in pods", refused, "warning", /cannot be told.*may not run commands in pods/],
  ])("are tried: those %s", async (_, run, status, says) => {
    const outcome = await outcomeOf(networkPoliciesStep, { run });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it("say nothing while Keycloak is down", () => {
    expect(networkPoliciesStep.needs).toContain("discovery");
  });
});

describe("a user's services", () => {
  const answers = (others: Readonly<Record<string, string>> = {}) =>
    Object.entries({
      store: "connected",
      identity: "connected",
      portal: "connected",
      keycloak: "closed",
      database: "closed",
      metadata: "closed",
      kubelet: "closed",
      ...others,
    })
      .map(([key, answer]) => `attempt ${key} ${answer}\n`)
      .join("");
  const facts = { workspace: "user-alice" };

  it.each<[string, string | KubectlError, string, RegExp]>([
    ["what they need and no more", answers(), "passed", /7 tried/],
    ["no name", answers({ store: "unresolved" }), "failed", /do not find s3\.example\.test.*workspace → DNS/],
    [
      "nobody they trust",
      answers({ identity: "untrusted" }),
      "failed",
      /do not trust the certificate of auth\.example\.test.*authority/,
    ],
    ["a name behind a wall", answers({ portal: "closed" }), "failed", /egress\.allow/],
    ["Keycloak's pods", answers({ keycloak: "connected" }), "failed", /reach Keycloak by its Service/],
    ["the database", answers({ database: "connected" }), "failed", /reach Keycloak's database/],
    ["the cloud's credentials", answers({ metadata: "connected" }), "failed", /169\.254\.169\.254/],
    ["their own node", answers({ kubelet: "connected" }), "warning", /kubelet of their own node/],
    ["nothing, for the pod has no wget", "no wget\n", "failed", /did not try everything; it said: no wget/],
    ["nothing, for the pod is refused", refused, "failed", /A pod in user-alice is refused.*may not make pods/],
    [
      "nothing, for the quota is full",
      new KubectlError("refused", "pods is forbidden: exceeded quota: onyxia-quota"),
      "failed",
      /pause a service/,
    ],
  ])("reach %s", async (_, trial, status, says) => {
    const deleted: string[] = [];
    const outcome = await outcomeOf(workspaceConnectionsStep, { trial, facts, deleted });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
    if (typeof trial === "string") {
      expect(deleted).toEqual([expect.stringMatching(/^\/api\/v1\/namespaces\/user-alice\/pods\/datalab-doctor-/)]);
    }
  });

  it("are not tried without --write, or before there is a workspace", async () => {
    const options = { write: false } as Context["options"];
    for (const step of [workspaceConnectionsStep, servicesStep]) {
      expect(step.unless?.({ options } as Context)).toBe("--write was not given");
    }
    expect(await outcomeOf(workspaceConnectionsStep)).toMatchObject({ note: expect.stringContaining("no workspace") });
  });

  it("are kept from the platform's parts alone where they are not kept apart", async () => {
    const of = settings({ portal: { services: { networkIsolation: false } } });
    const trial = answers({ metadata: "connected" });
    expect(await outcomeOf(workspaceConnectionsStep, { of, trial, facts })).toMatchObject({
      status: "passed",
      note: "5 tried",
    });
  });
});

describe("what the doctor makes in the cluster", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "datalab-kubectl-"));
    const script = `#!/bin/sh
echo "$*" >>${folder}/calls
[ "$3" != create ] || cat >${folder}/sent
[ ! -e ${folder}/slow ] || [ "$3" != delete ] || exit 1
`;
    writeFileSync(join(folder, "kubectl"), script, { mode: 0o755 });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("is deleted in the end, whatever comes between", async () => {
    const kubectl = new Kubectl({
      kubeconfig: () => Promise.resolve({ path: "config" }),
      context: undefined,
      project: folder,
      environment: { PATH: [folder, "/usr/bin", "/bin"].join(delimiter) },
      timeout: 3,
    });
    const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    const pod = (name: string) => ({ metadata: { name } });
    await kubectl.create("/pods", pod("one"));
    expect(JSON.parse(readFileSync(join(folder, "sent"), "utf8"))).toEqual(pod("one"));
    await kubectl.delete("/pods/one");
    await kubectl.create("/pods", pod("two"));
    writeFileSync(join(folder, "slow"), "");
    await expect(kubectl.delete("/pods/two")).rejects.toThrow();
    kubectl.close();
    kubectl.close();
    expect(calls().map((call) => call.replace(/^--kubeconfig=\S+ --request-timeout=3s /, ""))).toEqual([
      "create --raw=/pods --filename=-",
      "delete --raw=/pods/one",
      "create --raw=/pods --filename=-",
      "delete --raw=/pods/two",
      "delete --raw=/pods/two",
    ]);
  });
});
