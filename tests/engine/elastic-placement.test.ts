/** The policy that sends users' pods to spot nodes, on a real API server. */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../bench/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../bench/control-plane/tools.ts";
import { ensureToolchain } from "../../bench/toolchain/toolchain.ts";
import { placementBinding, placementPolicy } from "../../components/cluster/elastic-placement.ts";
import { elasticNodes } from "../../components/cluster/node-groups.ts";

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

let plane: ControlPlane;
let kubectl: string;

beforeAll(async () => {
  const tools = await ensureToolchain();
  kubectl = tools.path("kubectl");
  plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
  for (const [name, labels] of [
    ["user-alice", workspaces],
    ["platform", {}],
  ] as const) {
    apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } });
  }
  apply(placementPolicy(workspaces));
  apply(placementBinding());
  const deadline = Date.now() + 30_000;
  while (!tolerates(podIn("user-alice"))) {
    if (Date.now() > deadline) throw new Error("the policy is not in force");
    await sleep(100);
  }
}, 300_000);

afterAll(async () => {
  await plane.stop();
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
  const answer = run(["create", "--dry-run=server", "-o", "json", "-f", "-"], pod);
  return (JSON.parse(answer) as { spec: PodSpec }).spec;
}

function apply(object: object): void {
  run(["apply", "--server-side", "-f", "-"], object);
}

function run(args: readonly string[], input: object): string {
  const { status, stdout, stderr } = spawnSync(kubectl, ["--kubeconfig", plane.kubeconfig, ...args], {
    input: JSON.stringify(input),
    encoding: "utf8",
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}
