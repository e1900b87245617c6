/** What `platform.protectData` refuses, whoever asks, on a real API server. */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../bench/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../bench/control-plane/tools.ts";
import { ensureToolchain } from "../../bench/toolchain/toolchain.ts";
import { deletionBinding, deletionPolicy } from "../../components/data-protection/deletion-policy.ts";

jest.setTimeout(60_000);

const holds = "datalab-identity";
const other = "user-alice";
const cure = "set datalab:platform.protectData to false and run pulumi up";

let plane: ControlPlane;
let kubectl: string;

beforeAll(async () => {
  const tools = await ensureToolchain();
  kubectl = tools.path("kubectl");
  plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
  for (const name of [holds, other]) {
    apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    apply(claim(name, "data-0"));
    apply(workload(name, "database", [claim(name, "data")]));
    apply(workload(name, "keycloak", []));
  }
  apply({ apiVersion, kind: "ValidatingAdmissionPolicy", ...deletionPolicy([holds, "datalab-storage"]) });
  apply({ apiVersion, kind: "ValidatingAdmissionPolicyBinding", ...deletionBinding(true) });
  const deadline = Date.now() + 30_000;
  while (!remove("namespace", holds).includes(cure)) {
    if (Date.now() > deadline) throw new Error("the policy is not in force");
    await sleep(100);
  }
}, 300_000);

afterAll(async () => {
  await plane.stop();
}, 60_000);

const apiVersion = "admissionregistration.k8s.io/v1";
const controller = "--as=system:serviceaccount:kube-system:namespace-controller";

describe("a platform that protects its data", () => {
  it.each<[string, string, string, ...string[]]>([
    ["a namespace that holds data", "namespace", holds],
    ["a claim", "persistentvolumeclaim", "data-0", "-n", holds],
    ["all claims at once", "persistentvolumeclaim", "--all", "-n", holds],
    ["a workload with claims", "statefulset", "database", "-n", holds],
    ["a claim, to a controller", "persistentvolumeclaim", "data-0", "-n", holds, controller],
  ])("refuses to delete %s, and says what to do", (_, ...args) => {
    expect(remove(...args)).toContain(`holds data of the platform: ${cure}`);
  });

  it("names what it has refused", () => {
    expect(remove("persistentvolumeclaim", "data-0", "-n", holds)).toContain("PersistentVolumeClaim data-0 holds data");
  });

  it.each<[string, string, string, ...string[]]>([
    ["a workload without claims", "statefulset", "keycloak", "-n", holds],
    ["a user's namespace", "namespace", other],
    ["a user's claim", "persistentvolumeclaim", "data-0", "-n", other],
    ["a user's workload with claims", "statefulset", "database", "-n", other],
  ])("lets go of %s", (_, ...args) => {
    expect(remove(...args)).toBe("deleted");
  });

  it("lets everything go when the stack allows it", async () => {
    apply({ apiVersion, kind: "ValidatingAdmissionPolicyBinding", ...deletionBinding(false) });
    const deadline = Date.now() + 30_000;
    while (remove("namespace", holds) !== "deleted" && Date.now() < deadline) await sleep(100);
    for (const [kind, name] of [
      ["statefulset", "database"],
      ["persistentvolumeclaim", "data-0"],
    ] as const) {
      expect(remove(kind, name, "-n", holds)).toBe("deleted");
    }
  });
});

/** What comes of it; nothing is deleted for real. */
function remove(...args: string[]): string {
  const { status, stderr } = run(["delete", ...args, "--dry-run=server"]);
  return status === 0 ? "deleted" : stderr;
}

function claim(namespace: string, name: string): object {
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, namespace }, spec };
}

function workload(namespace: string, name: string, volumeClaimTemplates: readonly object[]): object {
  const matchLabels = { app: name };
  const template = { metadata: { labels: matchLabels }, spec: { containers: [{ name, image: name }] } };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace },
    spec: { replicas: 0, selector: { matchLabels }, template, volumeClaimTemplates },
  };
}

function apply(object: object): void {
  const { status, stderr } = run(["apply", "--server-side", "-f", "-"], object);
  if (status !== 0) throw new Error(stderr);
}

function run(args: readonly string[], input?: object): { status: number | null; stderr: string } {
  return spawnSync(kubectl, ["--kubeconfig", plane.kubeconfig, ...args], {
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    encoding: "utf8",
    timeout: 30_000,
  });
}
