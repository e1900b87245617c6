/** The policy that sends users' pods to spot nodes, on a real API server. */
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { placementBinding, placementPolicy } from "../../components/cluster/elastic-placement.ts";
import { elasticNodes } from "../../components/kubernetes/elastic-nodes.ts";
import { AdmissionBench } from "../support/admission-bench.ts";

jest.setTimeout(60_000);

interface PodSpec {
  readonly tolerations?: readonly object[];
  readonly affinity?: Record<string, Record<string, unknown>>;
}

const workspaces = { "datalab.dev/workspace": "true" };
const toleration = { key: elasticNodes.key, operator: "Equal", value: elasticNodes.value, effect: "NoSchedule" };
const preference = {
  weight: 50,
  preference: { matchExpressions: [{ key: elasticNodes.key, operator: "In", values: [elasticNodes.value] }] },
};

let bench: AdmissionBench;

beforeAll(async () => {
  bench = await AdmissionBench.start();
  for (const [name, labels] of [
    ["user-alice", workspaces],
    ["platform", {}],
  ] as const) {
    bench.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    bench.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } });
  }
  bench.apply(placementPolicy(workspaces));
  bench.apply(placementBinding());
  await bench.inForce(() => tolerates(podIn("user-alice")));
}, 300_000);

afterAll(async () => {
  await bench.stop();
}, 60_000);

describe("a pod of a workspace", () => {
  it("may run on spot nodes, and prefers them", () => {
    const { tolerations, affinity } = podIn("user-alice");
    expect(tolerations).toContainEqual(toleration);
    expect(affinity).toEqual({ nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [preference] } });
  });

  it("keeps what it says itself", () => {
    const own = { key: "gpu", operator: "Exists", effect: "NoSchedule" };
    const term = { matchExpressions: [{ key: "disk", operator: "In", values: ["fast"] }] };
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
    const preferred = { weight: 100, preference: term };
    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "a" } } },
      ],
    };
    const { tolerations, affinity } = podIn("user-alice", {
      tolerations: [own],
      affinity: {
        podAntiAffinity,
        nodeAffinity: { ...required, preferredDuringSchedulingIgnoredDuringExecution: [preferred] },
      },
    });
    expect(tolerations).toEqual(expect.arrayContaining([own, toleration]));
    expect(affinity).toEqual({
      podAntiAffinity,
      nodeAffinity: { ...required, preferredDuringSchedulingIgnoredDuringExecution: [preferred, preference] },
    });
  });

  it.each<[string, PodSpec["affinity"]]>([
    ["an empty affinity", {}],
    ["an empty node affinity", { nodeAffinity: {} }],
    ["affinity to pods alone", { podAffinity: {} }],
  ])("is sent there with %s", (_, affinity) => {
    expect(podIn("user-alice", { affinity: affinity ?? {} }).affinity).toMatchObject({
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [preference] },
    });
  });
});

it("leaves the platform's own pods on permanent nodes", () => {
  const { tolerations = [], affinity } = podIn("platform");
  expect(tolerations).not.toContainEqual(expect.objectContaining({ key: elasticNodes.key }));
  expect(affinity).toBeUndefined();
});

function tolerates({ tolerations = [] }: PodSpec): boolean {
  return JSON.stringify(tolerations).includes(elasticNodes.key);
}

/** What the API server makes of a pod. */
function podIn(namespace: string, spec: PodSpec = {}): PodSpec {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "pod", namespace },
    spec: { containers: [{ name: "a", image: "a" }], ...spec },
  };
  const { status, stdout, stderr } = bench.run(["create", "--dry-run=server", "-o", "json", "-f", "-"], pod);
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { spec: PodSpec }).spec;
}
