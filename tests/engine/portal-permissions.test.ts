/** The portal's rights on a real API server, used by the portal's own ServiceAccount. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { portalPolicyName } from "../../components/portal/portal-policy.ts";
import { regionOf } from "../../components/portal/region.ts";
import { servicePolicyName } from "../../components/workspaces/service-policy.ts";
import { regionInputs } from "../support/portal.ts";
import { clusterRules, onboarding, workspaceContents } from "../support/workspaces.ts";

// Each call is a process, and the machine may be busy.
jest.setTimeout(60_000);

interface Answer {
  readonly code: number | null;
  readonly text: string;
}

type Kubernetes = Record<string, unknown>;

let plane: ControlPlane;
let kubectl: string;
let portalKubeconfig: string;

const rbac = "rbac.authorization.k8s.io/v1";

/** Labels that the region tells Onyxia to put on the namespaces it makes. */
const { namespaceLabels } = regionOf(regionInputs()).services;

beforeAll(async () => {
  const tools = await ensureToolchain();
  kubectl = tools.path("kubectl");
  plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
  for (const name of ["datalab-portal", "datalab-identity", "team-x", "user-management"]) {
    done(admin(["create", "namespace", name]));
  }
  done(admin(["-n", "datalab-portal", "create", "serviceaccount", "onyxia-api"]));
  done(apply(admin, ...clusterRules()));
  portalKubeconfig = kubeconfigOf(done(admin(["-n", "datalab-portal", "create", "token", "onyxia-api"])).trim());
  await policiesInForce();
}, 300_000);

afterAll(async () => {
  await plane.stop();
}, 60_000);

describe("the portal's ServiceAccount", () => {
  it("makes a user's namespace, and makes it again at the next login", () => {
    done(apply(portal, workspace("user-alice")));
    done(apply(portal, workspace("user-alice", { onyxia_owner: "alice" })));
    done(apply(portal, workspace("project-data")));
  });

  it("limits what the namespace uses, and changes the limit", () => {
    const quota = (pods: string) => {
      const metadata = { name: "onyxia-quota", namespace: "user-alice" };
      return JSON.stringify({
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata,
        spec: { hard: { "count/pods": pods } },
      });
    };
    done(portal(["create", "-f", "-"], quota("20")));
    done(portal(["replace", "-f", "-"], quota("30")));
  });

  it("gives the namespace to its user", () => {
    done(apply(portal, roleBinding("user-alice", "full_control_namespace", "admin")));
    const may = admin(["auth", "can-i", "create", "deployments", "-n", "user-alice", "--as", "oidc-alice"]);
    expect(may.text.trim()).toBe("yes");
  });

  it.each(["user-alice", "project-data"])(
    "puts in place what is the platform's in %s, again and again",
    (namespace) => {
      done(apply(portal, ...onboarding(namespace)));
      for (const object of workspaceContents(namespace)) {
        done(apply(portal, object));
        done(apply(portal, labelled(object)));
      }
    },
  );

  it("launches nothing itself: that has rights of its own", () => {
    for (const object of chartObjects("user-alice")) {
      // By RBAC or, for the kinds that it may write under names of the platform's, by its policy.
      const answer = apply(portal, object);
      expect(answer.text).toMatch(/is forbidden: User|denied request/);
      expect(answer.code).not.toBe(0);
    }
  });

  it.each(["kube-system", "kube-public", "datalab-identity", "datalab-portal", "team-x"])(
    "writes nothing in %s",
    (name) => {
      for (const object of workspaceContents(name)) refused(apply(portal, object), portalPolicyName);
      for (const object of chartObjects(name)) expect(apply(portal, object).code).not.toBe(0);
    },
  );

  it("makes no other namespaces", () => {
    refused(apply(portal, workspace("team-y")), portalPolicyName);
    refused(apply(portal, namespace("user-bob", {})), portalPolicyName);
    refused(
      apply(portal, namespace("user-bob", { ...namespaceLabels, "pod-security.kubernetes.io/enforce": "privileged" })),
      portalPolicyName,
    );
  });

  it("adopts no namespace that has a user's prefix for another reason", () => {
    refused(apply(portal, workspace("user-management")), portalPolicyName);
    refused(apply(portal, configMap("user-management")), portalPolicyName);
  });

  it("is refused by RBAC what it never needs", () => {
    for (const args of [
      ["delete", "namespace", "user-alice"],
      ["create", "clusterrolebinding", "mine", "--clusterrole=view", "--user=alice"],
      ["-n", "user-alice", "create", "role", "mine", "--verb=get", "--resource=pods"],
      ["-n", "user-alice", "create", "token", "default"],
      ["get", "nodes"],
      ["-n", "kube-system", "get", "configmaps"],
    ]) {
      refused(portal(args), "forbidden");
    }
    refused(apply(portal, roleBinding("user-alice", "mine", "cluster-admin")), "not currently held");
  });

  it("reads no Secret outside the workspaces, and not what the cluster holds", () => {
    done(admin(["-n", "datalab-identity", "create", "secret", "generic", "password", "--from-literal=a=b"]));
    for (const args of [
      ["-n", "datalab-identity", "get", "secret", "password"],
      ["-n", "datalab-identity", "get", "secrets"],
      ["get", "secrets", "--all-namespaces"],
      ["get", "pods", "--all-namespaces"],
      ["-n", "datalab-identity", "get", "configmaps"],
    ]) {
      refused(portal(args), "forbidden");
    }
  });
});

describe("the admission policy alone, should the portal ever hold every right", () => {
  beforeAll(() => {
    const account = "--serviceaccount=datalab-portal:onyxia-api";
    done(admin(["create", "clusterrolebinding", "everything", "--clusterrole=cluster-admin", account]));
  });

  it.each([
    ["delete a workspace", ["delete", "namespace", "user-alice"]],
    ["delete another namespace", ["delete", "namespace", "team-x"]],
    ["take the mark off", ["label", "namespace", "user-alice", "datalab.dev/workspace-"]],
    ["mark another namespace", ["label", "namespace", "user-management", "datalab.dev/workspace=true"]],
    [
      "weaken Pod Security",
      ["label", "--overwrite", "ns", "user-alice", "pod-security.kubernetes.io/enforce=privileged"],
    ],
    ["bind cluster-wide", ["create", "clusterrolebinding", "mine", "--clusterrole=view", "--user=alice"]],
    [
      "bind cluster-admin",
      ["-n", "user-alice", "create", "rolebinding", "mine", "--clusterrole=cluster-admin", "--user=a"],
    ],
    ["bind a Role", ["-n", "user-alice", "create", "rolebinding", "mine", "--role=any", "--user=a"]],
    ["write elsewhere", ["-n", "kube-system", "create", "configmap", "mine"]],
    ["make tokens elsewhere", ["-n", "kube-system", "create", "token", "default"]],
    ["delete elsewhere", ["-n", "kube-system", "delete", "configmap", "kube-root-ca.crt"]],
    ["delete all elsewhere", ["-n", "kube-system", "delete", "configmaps", "--all"]],
    ["run commands elsewhere", ["-n", "team-x", "exec", "pod", "--", "id"]],
    ["change nodes", ["label", "node", "node-a", "mine=true"]],
    ["make volumes", ["create", "-f", "-"]],
  ])("it may not %s", (what, args) => {
    if (what === "run commands elsewhere") done(apply(admin, pod("team-x")));
    refused(portal(args, JSON.stringify(volume)), portalPolicyName);
  });

  it("it may ask what it may do", () => {
    expect(portal(["auth", "can-i", "create", "pods"]).text.trim()).toBe("yes");
  });
});

// What they refuse in a workspace is in tests/engine/isolation.test.ts.
describe("the rules for workspaces", () => {
  it("let Services be changed that were there before the namespace became a workspace, but not made into others", () => {
    done(admin(["create", "namespace", "user-earlier"]));
    done(apply(admin, service("user-earlier", { type: "LoadBalancer" })));
    done(apply(admin, workspace("user-earlier")));
    done(admin(["-n", "user-earlier", "annotate", "service/thing", "signed=off"]));
    refused(apply(admin, service("user-earlier", { type: "NodePort" })), servicePolicyName);
    done(admin(["-n", "user-earlier", "delete", "service/thing", "--wait=false"]));
  });

  it("say nothing of other namespaces: those are the administrators' affair", () => {
    done(apply(admin, service("team-x", { type: "LoadBalancer" }), ingress("team-x", "datalab.example.test")));
  });
});

function admin(args: readonly string[], input?: string): Answer {
  return run(plane.kubeconfig, args, input);
}

function portal(args: readonly string[], input?: string): Answer {
  return run(portalKubeconfig, args, input);
}

function run(kubeconfig: string, args: readonly string[], input = ""): Answer {
  const { status, stdout, stderr } = spawnSync(kubectl, ["--kubeconfig", kubeconfig, ...args], {
    input,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { code: status, text: `${stdout}${stderr}` };
}

/** As Onyxia and helm do it. */
function apply(as: typeof admin, ...items: readonly Kubernetes[]): Answer {
  const list = { apiVersion: "v1", kind: "List", items };
  return as(["apply", "--server-side", "--force-conflicts", "--validate=false", "-f", "-"], JSON.stringify(list));
}

function done(answer: Answer): string {
  expect(answer).toMatchObject({ code: 0 });
  return answer.text;
}

function refused(answer: Answer, reason: string): void {
  expect(answer.text).toContain(reason);
  expect(answer.code).not.toBe(0);
}

function kubeconfigOf(token: string): string {
  const kubeconfig = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as { users: { name: string }[] };
  const users = kubeconfig.users.map(({ name }) => ({ name, user: { token } }));
  const file = join(plane.folder, "portal.kubeconfig");
  writeFileSync(file, JSON.stringify({ ...kubeconfig, users }), { mode: 0o600 });
  return file;
}

/** The API server takes a moment to read new policies. */
async function policiesInForce(): Promise<void> {
  done(apply(admin, workspace("probe")));
  const nodePort = service("probe", { type: "NodePort" });
  for (const [probe, policy] of [
    [() => portal(["create", "namespace", "probe-2", "--dry-run=server"]), portalPolicyName],
    [() => apply((args, input) => admin([...args, "--dry-run=server"], input), nodePort), servicePolicyName],
  ] as const) {
    const deadline = Date.now() + 30_000;
    while (!probe().text.includes(policy)) {
      if (Date.now() > deadline) throw new Error(`${policy} is not in force`);
      await sleep(100);
    }
  }
}

function namespace(name: string, labels: Record<string, string>): Kubernetes {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function workspace(name: string, labels: Record<string, string> = {}): Kubernetes {
  return namespace(name, { ...namespaceLabels, ...labels });
}

function roleBinding(namespaceName: string, name: string, role: string): Kubernetes {
  return {
    apiVersion: rbac,
    kind: "RoleBinding",
    metadata: { name, namespace: namespaceName },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "oidc-alice" }],
  };
}

function configMap(namespaceName: string): Kubernetes {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "thing", namespace: namespaceName } };
}

function pod(namespaceName: string): Kubernetes {
  const metadata = { name: "pod", namespace: namespaceName };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "a", image: "a" }] } };
}

function ingress(namespaceName: string, host: string): Kubernetes {
  const backend = { service: { name: "a", port: { number: 80 } } };
  const rule = { host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "thing", namespace: namespaceName },
    spec: { ingressClassName: "nginx", rules: [rule], tls: [{ hosts: [host] }] },
  };
}

function service(namespaceName: string, spec: Kubernetes, name = "thing"): Kubernetes {
  const ports = [{ name: "https", port: 443 }];
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: namespaceName }, spec: { ports, ...spec } };
}

const volume = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "mine" },
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/" } },
};

/** One object of each kind that a chart of the catalogue creates. */
function chartObjects(namespaceName: string): Kubernetes[] {
  const metadata = { name: "thing", namespace: namespaceName };
  const selector = { matchLabels: { app: "thing" } };
  const template = {
    metadata: { labels: { app: "thing" } },
    spec: { containers: [{ name: "a", image: "never-ready", resources: { requests: { cpu: "1m", memory: "1Mi" } } }] },
  };
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  return [
    configMap(namespaceName),
    { apiVersion: "v1", kind: "Secret", metadata },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 80 }] } },
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claim },
    { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { selector, template } },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: { serviceName: "thing", selector, template } },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec: { selector, maxUnavailable: 1 } },
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec: { podSelector: selector } },
    ingress(namespaceName, `${namespaceName}-1-0.lab.example.test`),
  ];
}

function labelled(object: Kubernetes): Kubernetes {
  return { ...object, metadata: { ...(object["metadata"] as object), labels: { changed: "true" } } };
}
