/** Launches as Onyxia's API makes them: the launcher, helm and wget, against a real API server with the platform's rules. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import type { ControlPlane } from "../../testbed/control-plane/control-plane.ts";
import type { LauncherPlaces } from "../../components/portal/launcher-options.ts";
import { rightsPolicyName } from "../../components/workspaces/rights-policy.ts";
import { commandLines, installLauncher } from "../support/launcher.ts";
import { type Answer, done, LauncherBench, list, until } from "../support/launcher-bench.ts";
import { chart, type ChartValues } from "../support/launcher-chart.ts";
import { clusterRules, type KubernetesObject, launcherUser, onboarding, portalUser } from "../support/workspaces.ts";

// Each call is a dozen processes, and the machine may be busy.
jest.setTimeout(120_000);

let bench: LauncherBench;
let plane: ControlPlane;
let places: LauncherPlaces;

const namespaces = ["user-alice", "user-bob", "user-carol", "user-dora", "user-erin", "project-team", "project-twins"];
const password = "the-password-of-keycloak";
const neighboursKey = "the-key-of-alice";

beforeAll(async () => {
  bench = await LauncherBench.start(namespaces);
  ({ plane, places } = bench);
  for (const [path, text] of Object.entries(chart)) write(join("thing", path), text);
  done(admin(["create", "namespace", "datalab-identity"]));
  done(admin(["apply", "-f", "-"], customResource));
  await until(() => bind("admin", "oidc-alice").errors, rightsPolicyName);
  secret("datalab-identity", "keycloak-admin", password);
  secret("user-alice", "s3", neighboursKey);
}, 300_000);

afterAll(async () => {
  await bench.stop();
}, 60_000);

describe.each(["user-alice", "project-team"])("a service in %s", (namespace) => {
  const name = "jupyter-1";

  it("is launched by the command line of Onyxia's API", async () => {
    const answer = done(launch(namespace, name, {}, `--timeout 600s --ca-file ${join(places.account, "ca.crt")} `));
    expect(JSON.parse(answer)).toMatchObject({ name, namespace, info: { status: "deployed" } });
    for (const kind of ["statefulset", "service", "ingress", "persistentvolumeclaim"]) {
      done(admin(["-n", namespace, "get", kind, name]));
    }
    // Its pods are admitted too.
    await until(() => done(admin(["-n", namespace, "get", "pods", "-o", "name"])), `pod/${name}-0`);
  });

  it("stands behind the platform's walls, and its own are left out", () => {
    const policies = done(admin(["-n", namespace, "get", "networkpolicies", "-o", "name"]))
      .trim()
      .split("\n");
    expect(policies.map((line) => line.split("/")[1])).toEqual(["datalab-api-server", "datalab-connections"]);
    const way = get(namespace, "networkpolicy/datalab-api-server");
    const slice = get("default", "endpointslice/kubernetes") as Found & Slice;
    const addresses = slice.endpoints.flatMap((endpoint) => endpoint.addresses);
    expect(addresses).not.toEqual([]);
    expect(way).toMatchObject({
      spec: {
        egress: [
          {
            to: addresses.map((ip) => ({ ipBlock: { cidr: `${ip}/32` } })),
            ports: [slice.ports[0].port, 443].map((port) => ({ port, protocol: "TCP" })),
          },
        ],
      },
    });
    for (const kind of ["resourcequota", "limitrange"]) done(admin(["-n", namespace, "get", kind, "datalab-limits"]));
  });

  it("is listed and shown", () => {
    for (const line of [commandLines.list(namespace), commandLines.find(name, namespace)]) {
      expect(JSON.parse(done(helm(line)))).toMatchObject([
        { name, namespace, status: "deployed", chart: "thing-1.0.0" },
      ]);
    }
    expect(done(helm(commandLines.getAll(name, namespace)))).toContain("USER-SUPPLIED VALUES");
    expect(done(helm(commandLines.getManifest(name, namespace)))).toContain("kind: StatefulSet");
    expect(JSON.parse(done(helm(commandLines.getValues(name, namespace))))).toMatchObject({ host: `${namespace}-1-0` });
    expect(done(helm(commandLines.getNotes(name, namespace)))).toContain("Welcome");
  });

  it("is suspended and resumed as often as anybody wants, and three records stay", () => {
    for (const suspended of [true, false, true, false, true, false]) {
      done(helm(commandLines.suspend(name, join(plane.folder, "thing"), namespace, suspended)));
      expect(get(namespace, `statefulset/${name}`)).toMatchObject({ spec: { replicas: suspended ? 0 : 1 } });
    }
    expect(records(namespace)).toHaveLength(3);
  });

  it("runs on when a change is refused, or comes to nothing", () => {
    const before = get(namespace, `statefulset/${name}`);
    for (const [answer, reason] of [
      [launch(namespace, name, { role: "admin" }), rightsPolicyName],
      [helm(commandLines.suspend(name, join(plane.folder, "none"), namespace, true)), "none"],
    ] as const) {
      refused(answer, reason);
      expect(get(namespace, `statefulset/${name}`)).toMatchObject({
        metadata: { uid: before.metadata.uid },
        spec: { replicas: 1 },
      });
      expect(JSON.parse(done(helm(commandLines.list(namespace))))).toMatchObject([{ name }]);
    }
    done(helm(commandLines.suspend(name, join(plane.folder, "thing"), namespace, false)));
  });

  it("has a role of the cluster, where it may", () => {
    done(launch(namespace, "with-role", { role: "view" }));
    const may = ["auth", "can-i", "list", "pods", "-n", namespace];
    expect(as(`system:serviceaccount:${namespace}:with-role`, may).output.trim()).toBe("yes");
    done(helm(commandLines.uninstall("with-role", namespace)));
  });

  it("leaves nothing when it is removed", async () => {
    done(helm(commandLines.uninstall(name, namespace)));
    await leavesNothing(namespace);
  });
});

describe("a service that runs when its only launch is changed in vain", () => {
  it("is not taken for a refused launch", () => {
    done(launch("user-alice", "first", {}));
    refused(helm(commandLines.suspend("first", join(plane.folder, "none"), "user-alice", true)), "none");
    done(admin(["-n", "user-alice", "get", "statefulset", "first"]));
    done(helm(commandLines.uninstall("first", "user-alice")));
  });
});

describe("a launch reads nothing but its own workspace:", () => {
  it.each([
    [
      "H1, Keycloak's administrator",
      `{{ (lookup "v1" "Secret" "datalab-identity" "keycloak-admin").data.VALUE | b64dec }}`,
    ],
    ["H2, all Secrets", `{{ lookup "v1" "Secret" "" "" | toJson }}`],
    ["H3, a neighbour's keys", `{{ (lookup "v1" "Secret" "user-alice" "s3").data.VALUE | b64dec }}`],
    ["namespaces", `{{ lookup "v1" "Namespace" "" "" | toJson }}`],
    ["the platform's settings", `{{ lookup "v1" "ConfigMap" "kube-system" "" | toJson }}`],
  ])("%s", async (_, env) => {
    const answer = launch("user-bob", "curious", { env });
    refused(answer, 'is forbidden: User "system:serviceaccount:user-bob:datalab-launcher"');
    for (const text of [password, neighboursKey]) {
      for (const form of [text, Buffer.from(text).toString("base64")]) {
        expect(`${answer.output}${answer.errors}`).not.toContain(form);
      }
    }
    await leavesNothing("user-bob");
  });

  it("H4, the same in any value that a template is made of", () => {
    const env = `{{ include "thing.nested" (dict "value" "{{ (lookup \\"v1\\" \\"Secret\\" \\"user-alice\\" \\"s3\\").data }}" "root" .) }}`;
    refused(launch("user-bob", "curious", { env }), "is forbidden");
  });
});

describe("a launch writes nothing but what its own workspace may hold:", () => {
  const binding = (namespace: string, role = "admin") =>
    object({
      ...roleBinding("mine", role, { kind: "ServiceAccount", name: "smuggled", namespace: "user-bob" }),
      namespace,
    });

  it.each([
    ["H5, a role above the setting for its own notebook", binding("user-bob"), rightsPolicyName],
    ["H6, a role in a neighbour's namespace", binding("user-alice"), "is forbidden"],
    ["H8, a role in the platform's", binding("datalab-identity"), "is forbidden"],
    ["a role with which the portal works", binding("user-bob", "onyxia-api-workspace"), "is forbidden"],
    [
      "a role for somebody else",
      object(roleBinding("mine", "view", { kind: "User", name: "oidc-mallory" })),
      rightsPolicyName,
    ],
    [
      "a wall of the platform",
      object({ apiVersion: "v1", kind: "LimitRange", metadata: { name: "datalab-limits" }, spec: { limits: [] } }),
      "",
    ],
    ["a namespace", object({ apiVersion: "v1", kind: "Namespace", metadata: { name: "user-mine" } }), "is forbidden"],
  ])("%s", async (_, document, reason) => {
    refused(launch("user-bob", "smuggler", { serviceType: `ClusterIP\n---\n${document}` }), reason);
    for (const namespace of ["user-bob", "user-alice", "datalab-identity"]) {
      expect(admin(["-n", namespace, "get", "rolebinding", "mine"]).errors).toContain("not found");
    }
    await leavesNothing("user-bob");
  });

  it("H7, a hook of the name of a neighbour's claim", async () => {
    const claim = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "hers", namespace: "user-alice" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    apply(claim);
    const { uid } = get("user-alice", "persistentvolumeclaim/hers").metadata;
    const annotations = { "helm.sh/hook": "pre-install" };
    const hook = object({ ...claim, metadata: { ...claim.metadata, annotations } });
    refused(launch("user-bob", "smuggler", { serviceType: `ClusterIP\n---\n${hook}` }), "is forbidden");
    expect(get("user-alice", "persistentvolumeclaim/hers").metadata).toMatchObject({ uid });
    expect(get("user-alice", "persistentvolumeclaim/hers").metadata.deletionTimestamp).toBeUndefined();
    await leavesNothing("user-bob");
  });

  it("a NetworkPolicy that opens everything has no effect, however it is written", () => {
    const spec = { podSelector: {}, ingress: [{}] };
    const policy = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "open" }, spec };
    done(launch("user-bob", "open", { serviceType: `ClusterIP\n---\n${yaml(policy)}` }));
    expect(admin(["-n", "user-bob", "get", "networkpolicy", "open"]).errors).toContain("not found");
    done(helm(commandLines.uninstall("open", "user-bob")));
    refused(
      launch("user-bob", "open", {
        serviceType: `ClusterIP\n---\n${JSON.stringify({ ...policy, kind: "NetworkPolicyList", items: [policy] })}`,
      }),
      "",
    );
    expect(admin(["-n", "user-bob", "get", "networkpolicy", "open"]).errors).toContain("not found");
  });

  it("a host that is not its own: nothing of it stays, nor counts", async () => {
    refused(launch("user-bob", "stranger", { host: "user-alice-1-0" }), "Host names of this namespace's Ingresses");
    await leavesNothing("user-bob");
    const status = () => JSON.stringify(get("user-bob", "resourcequota/datalab-limits")["status"]);
    for (const kind of ["secrets", "statefulsets.apps", "ingresses.networking.k8s.io", "persistentvolumeclaims"]) {
      await until(status, `"count/${kind}":"0"`);
    }
  });
});

describe("services.kubernetesRole", () => {
  it.each([
    ["none", [], ["view", "edit", "admin"]],
    ["edit", ["view", "edit"], ["admin"]],
    ["admin", ["view", "edit", "admin"], ["cluster-admin"]],
    ["view", ["view"], ["edit", "admin"]],
  ])("%s", async (kubernetesRole, allowed, others) => {
    const setting = { services: { kubernetesRole } };
    apply(...clusterRules(setting));
    installLauncher(plane.folder, places, setting);
    // The lowest that is refused, and the highest that is not.
    const settled = () =>
      bind(others[0] ?? "", "oidc-alice").code !== 0 && allowed.every((role) => bind(role, "oidc-alice").code === 0);
    await until(() => String(settled()), "true");
    for (const role of allowed) {
      done(launch("user-bob", `role-${role}`, { role }));
      done(helm(commandLines.uninstall(`role-${role}`, "user-bob")));
    }
    for (const role of others) refused(launch("user-bob", `role-${role}`, { role }), "is forbidden");
    await leavesNothing("user-bob");
  });
});

describe("kinds of an operator", () => {
  it("are created by a launch when the setting names them", async () => {
    refused(launch("user-bob", "database", { database: true }), "is forbidden");
    apply(...clusterRules({ chartKinds: [{ group: "postgresql.cnpg.io", resources: ["clusters"] }] }));
    const may = ["auth", "can-i", "create", "clusters.postgresql.cnpg.io", "-n", "user-bob"];
    await until(() => as(launcherUser("user-bob"), may).output, "yes");
    done(launch("user-bob", "database", { database: true }));
    done(admin(["-n", "user-bob", "get", "clusters.postgresql.cnpg.io", "database"]));
    done(helm(commandLines.suspend("database", join(plane.folder, "thing"), "user-bob", true)));
    done(helm(commandLines.uninstall("database", "user-bob")));
    await leavesNothing("user-bob");
  });
});

describe("putting the platform's objects in place", () => {
  it("launches nothing while the API server refuses one of them, and says so", async () => {
    apply(...refusal);
    const quota = () => as(portalUser, ["-n", "user-carol", "create", "quota", "datalab-x", "--dry-run=server"]).errors;
    await until(quota, "not today");
    const answer = launch("user-carol", "early", {});
    refused(answer, "launcher: PATCH /api/v1/namespaces/user-carol/resourcequotas/datalab-limits");
    expect(answer.errors).toContain("not today");
    expect(readFileSync(places.log, "utf8")).toContain("not today");
    // Rights come last.
    expect(admin(["-n", "user-carol", "get", "rolebinding", "datalab-launcher"]).errors).toContain("not found");
    expect(existsSync(join(places.marks, "user-carol"))).toBe(false);
    await leavesNothing("user-carol");

    done(admin(["delete", "-f", "-"], list(refusal)));
    await until(() => String(quota().includes("not today")), "false");
    done(launch("user-carol", "early", {}));
  });

  it("is done by two at once", async () => {
    const answers = await Promise.all(
      [1, 2].map(async (number) => launchBeside("project-twins", `twin-${String(number)}`)),
    );
    for (const answer of answers) done(answer);
    expect(JSON.parse(done(helm(commandLines.list("project-twins"))))).toMatchObject([
      { name: "twin-1" },
      { name: "twin-2" },
    ]);
  });

  it("is completed by the next call when it was cut off", async () => {
    write("deadly/wget", deadlyWget(execFileSync("sh", ["-c", "command -v wget"], { encoding: "utf8" }).trim()));
    chmodSync(join(plane.folder, "deadly/wget"), 0o755);
    const { code } = launch("user-dora", "cut", {}, "", `${join(plane.folder, "deadly")}:${process.env["PATH"] ?? ""}`);
    expect(code).not.toBe(0);
    done(admin(["-n", "user-dora", "get", "networkpolicy", "datalab-connections"]));
    expect(admin(["-n", "user-dora", "get", "rolebinding", "datalab-launcher"]).errors).toContain("not found");
    await leavesNothing("user-dora");
    done(launch("user-dora", "cut", {}));
  });

  it("is done again when they have changed, or the namespace was made anew", async () => {
    done(helm(commandLines.list("user-erin")));
    installLauncher(plane.folder, places, { services: { memory: { most: "32Gi" } } });
    done(helm(commandLines.list("user-erin")));
    expect(get("user-erin", "limitrange/datalab-limits")).toMatchObject({
      spec: { limits: [{ max: { memory: "32Gi" } }, {}] },
    });

    done(admin(["delete", "namespace", "user-erin", "--wait=false"]));
    await until(() => admin(["get", "namespace", "user-erin"]).errors, "not found");
    refused(helm(commandLines.list("user-erin")), "launcher: GET /api/v1/namespaces/user-erin");
    done(as(portalUser, ["apply", "-f", "-"], list(onboarding("user-erin"))));
    done(launch("user-erin", "anew", {}));
    done(admin(["-n", "user-erin", "get", "networkpolicy", "datalab-connections"]));
  });
});

/** A launch by the command line of Onyxia's API. */
function launch(namespace: string, name: string, values: ChartValues, options = "", path?: string): Answer {
  return helm(launchLine(namespace, name, values, options), path);
}

function launchLine(namespace: string, name: string, values: ChartValues, options = ""): string {
  write(`values-${namespace}-${name}.yaml`, JSON.stringify({ host: `${namespace}-1-0`, ...values }));
  const file = join(plane.folder, `values-${namespace}-${name}.yaml`);
  return commandLines.launch(name, join(plane.folder, "thing"), namespace, file, options);
}

function launchBeside(namespace: string, name: string): Promise<Answer> {
  return bench.helmBeside(launchLine(namespace, name, {}));
}

const helm = (line: string, path?: string) => bench.helm(line, path);
const admin = (args: readonly string[], input?: string) => bench.admin(args, input);
const as = (user: string, args: readonly string[], input?: string) => bench.as(user, args, input);
const apply = (...objects: readonly KubernetesObject[]) => {
  bench.apply(...objects);
};
const write = (path: string, text: string) => {
  bench.write(path, text);
};

function refused({ code, errors }: Answer, reason: string): void {
  expect(errors).toContain(reason);
  expect(errors).toContain("launcher: ");
  expect(code).not.toBe(0);
}

interface Found extends KubernetesObject {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
}

interface Slice {
  readonly endpoints: readonly { readonly addresses: readonly string[] }[];
  readonly ports: readonly [{ readonly port: number }];
}

function get(namespace: string, name: string): Found {
  return JSON.parse(done(admin(["-n", namespace, "get", name, "-o", "json"]))) as Found;
}

function records(namespace: string): string[] {
  const selector = ["--field-selector", "type=helm.sh/release.v1"];
  return done(admin(["-n", namespace, "get", "secrets", ...selector, "-o", "name"]))
    .split("\n")
    .filter(Boolean);
}

/** Objects of releases in the workspace, gone within the time that controllers need. */
async function leavesNothing(namespace: string): Promise<void> {
  const kinds =
    "secrets,services,serviceaccounts,statefulsets,pods,ingresses,persistentvolumeclaims,rolebindings,networkpolicies,configmaps,clusters.postgresql.cnpg.io";
  const own = /\/(datalab-.*|full_control_namespace|default|kube-root-ca.crt|s3|hers)$/;
  const left = () =>
    done(admin(["-n", namespace, "get", kinds, "-o", "name"]))
      .split("\n")
      .filter((name) => name !== "" && !own.test(name));
  await until(() => left().join(), /^$/);
}

function secret(namespace: string, name: string, value: string): void {
  done(admin(["-n", namespace, "create", "secret", "generic", name, `--from-literal=VALUE=${value}`]));
}

/** What the owner of a workspace may bind. */
function bind(role: string, user: string): Answer {
  const subject = "--serviceaccount=user-alice:default";
  return as(user, [
    "-n",
    "user-alice",
    "create",
    "rolebinding",
    "x",
    `--clusterrole=${role}`,
    subject,
    "--dry-run=server",
  ]);
}

function roleBinding(name: string, role: string, subject: { kind: string; name: string; namespace?: string }) {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: "RoleBinding",
    metadata: { name },
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [subject.kind === "User" ? { apiGroup, ...subject } : subject],
  };
}

/** A document for a template; JSON is YAML. */
function object({ namespace, ...rest }: KubernetesObject & { namespace?: string }): string {
  const metadata = rest["metadata"] as object;
  return JSON.stringify({ ...rest, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) } });
}

/** In block style, one line for each field. */
function yaml(fields: KubernetesObject): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join("\n");
}

/** A kind of an operator's. */
const customResource = JSON.stringify({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "clusters.postgresql.cnpg.io" },
  spec: {
    group: "postgresql.cnpg.io",
    names: { kind: "Cluster", plural: "clusters" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
});

/** An operator's rule that stands in the platform's way. */
const refusal: KubernetesObject[] = [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "refusal" },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [""], apiVersions: ["v1"], resources: ["resourcequotas"], operations: ["CREATE"] },
        ],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "user-carol" } },
      },
      validations: [{ expression: "false", message: "not today" }],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "refusal" },
    spec: { policyName: "refusal", validationActions: ["Deny"] },
  },
];

/** Kills the launcher before the fourth object. */
const deadlyWget = (wget: string) => `#!/bin/sh
case "$*" in *--method=PATCH*) echo >>"$HOME/patches" ;; *) : >>"$HOME/patches" ;; esac
[ "$(wc -l <"$HOME/patches")" -lt 4 ] || { kill -9 $PPID; exit 1; }
exec ${wget} "$@"
`;
