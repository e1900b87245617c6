/** What `platform.protectData` refuses, whoever asks, on a real API server. */
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { deletionBinding, deletionPolicy } from "../../components/data-protection/deletion-policy.ts";
import { AdmissionBench } from "../support/admission-bench.ts";

jest.setTimeout(60_000);

const holds = "datalab-identity";
const other = "user-alice";
const cure = "set datalab:platform.protectData to false and run pulumi up";

let bench: AdmissionBench;

beforeAll(async () => {
  bench = await AdmissionBench.start();
  for (const name of [holds, other]) {
    bench.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    bench.apply(claim(name, "data-0"));
    bench.apply(workload(name, "database", [claim(name, "data")]));
    bench.apply(workload(name, "keycloak", []));
  }
  bench.apply({ apiVersion, kind: "ValidatingAdmissionPolicy", ...deletionPolicy([holds, "datalab-storage"]) });
  bench.apply({ apiVersion, kind: "ValidatingAdmissionPolicyBinding", ...deletionBinding(true) });
  await bench.inForce(() => remove("namespace", holds).includes(cure));
}, 300_000);

afterAll(async () => {
  await bench.stop();
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
    bench.apply({ apiVersion, kind: "ValidatingAdmissionPolicyBinding", ...deletionBinding(false) });
    await bench.inForce(() => remove("namespace", holds) === "deleted");
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
  const { status, stderr } = bench.run(["delete", ...args, "--dry-run=server"]);
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
