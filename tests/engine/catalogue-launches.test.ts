/** INSEE's interactive charts, as they are recorded, against the platform's rules on a real API server. */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { podOf, recordedCharts, recordedObjects } from "../support/recorded-charts.ts";
import {
  clusterRules,
  type KubernetesObject,
  launcherUser,
  onboarding,
  workspaceContents,
} from "../support/workspaces.ts";

jest.setTimeout(60_000);

let plane: ControlPlane;
let kubectl: string;

const namespace = "user-bob";
const domain = "lab.example.test";

beforeAll(async () => {
  const tools = await ensureToolchain();
  kubectl = tools.path("kubectl");
  plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
  expect(send(clusterRules(), ["apply", "--server-side"])).toBe("");
  expect(send([...onboarding(namespace), ...workspaceContents(namespace)], ["apply", "--server-side"])).toBe("");
  // The rules are in force when one of them refuses what is not recorded.
  const deadline = Date.now() + 60_000;
  while (!launch([foreignIngress]).includes("Host names of this namespace's Ingresses")) {
    if (Date.now() > deadline) throw new Error("the policies are not in force");
    await sleep(200);
  }
}, 300_000);

afterAll(async () => {
  await plane.stop();
}, 60_000);

describe("a launch with what the form proposes is admitted, object by object and with its pod:", () => {
  it.each(recordedCharts)("%s", (name) => {
    expect(launch(recordedObjects(name, { namespace, domain }))).toBe("");
  });

  it.each(recordedCharts)("%s with ports of one's own", (name) => {
    expect(launch(recordedObjects(name, { namespace, domain, opened: true }))).toBe("");
  });
});

/** What the API server says against the objects, without making them. */
function launch(objects: readonly KubernetesObject[]): string {
  const pods = objects.flatMap((object) => podOf(object as Parameters<typeof podOf>[0]) ?? []).map(withAccount);
  // The launcher takes the charts' own out.
  const others = objects.filter(({ kind }) => kind !== "NetworkPolicy");
  return send([...others, ...pods], ["--as", launcherUser(namespace), "create", "--dry-run=server"]);
}

/** Its own is not there in a dry run. */
function withAccount(pod: KubernetesObject): KubernetesObject {
  return { ...pod, spec: { ...(pod["spec"] as object), serviceAccountName: "default" } };
}

function send(items: readonly KubernetesObject[], args: readonly string[]): string {
  const { stderr } = spawnSync(kubectl, ["--kubeconfig", plane.kubeconfig, ...args, "--validate=false", "-f", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    encoding: "utf8",
    timeout: 50_000,
  });
  return stderr;
}

const foreignIngress: KubernetesObject = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "foreign", namespace },
  spec: {
    rules: [
      {
        host: `user-alice-1.${domain}`,
        http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "a", port: { number: 80 } } } }] },
      },
    ],
  },
};
