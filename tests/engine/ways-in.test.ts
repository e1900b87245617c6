/** Each way in of the ingress controller, on a real API server: what it refuses shows here and in no unit test. */
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { podSecurityOf } from "../../components/ingress/host-ports.ts";
import { ingressSettings, type TraefikSettings } from "../../components/ingress/settings.ts";
import { deployment, serviceAccount } from "../../components/ingress/traefik.ts";
import { service } from "../../components/ingress/traefik-service.ts";
import { namespaceArgs } from "../../components/kubernetes/namespace.ts";
import { platformPriorityClass } from "../../components/kubernetes/priority-class.ts";
import { namespaces } from "../../components/names.ts";
import { ApiServer } from "../support/isolation/server.ts";

jest.setTimeout(120_000);

const settingsOf = (given: object = {}) => ingressSettings.parse({ kind: "traefik", ...given }) as TraefikSettings;
const hosted = settingsOf({ serviceType: "HostPort", publicPort: 8443 });

let plane: ControlPlane;
let server: ApiServer;

beforeAll(async () => {
  const tools = await ensureToolchain();
  plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
  server = new ApiServer(plane.kubeconfig);
  const priority = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", ...platformPriorityClass() };
  await server.apply(priority as object as Applied);
}, 300_000);

afterAll(async () => {
  server.close();
  await plane.stop();
}, 60_000);

const namespace = (level?: Parameters<typeof namespaceArgs>[1]) =>
  server.apply({
    apiVersion: "v1",
    kind: "Namespace",
    ...namespaceArgs(namespaces.ingress, level),
  } as object as Applied);

type Applied = Parameters<ApiServer["apply"]>[0];

/** As the administrator, through all checks, but not for real. */
function pod(settings: TraefikSettings) {
  const { template } = deployment(settings, "traefik").spec as unknown as { template: { spec: object } };
  const body = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "traefik" },
    spec: template.spec,
  } as object as Applied;
  return server.attempt("controller", { method: "POST", path: `/api/v1/namespaces/${namespaces.ingress}/pods`, body });
}

/** The API server takes a moment to read another level of a namespace. */
async function admitted(settings: TraefikSettings) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await pod(settings);
    if (answer.status !== 403 || Date.now() > deadline) return answer;
    await sleep(100);
  }
}

describe("ports of the nodes", () => {
  it("are refused in a namespace like the others, and admitted in that of the controller", async () => {
    await namespace();
    await server.apply({ apiVersion: "v1", kind: "ServiceAccount", ...serviceAccount() } as object as Applied);
    expect(await pod(settingsOf())).toMatchObject({ status: 201 });
    const refusal = await pod(hosted);
    expect(refusal.status).toBe(403);
    expect(refusal.text).toContain("hostPort");
    await namespace(podSecurityOf(hosted));
    const { status, text } = await admitted(hosted);
    expect(status).toBe(201);
    expect(text).toContain('"hostPort":8443');
  });

  it("and the rollout that goes with them are taken for a Deployment", async () => {
    const object = { apiVersion: "apps/v1", kind: "Deployment", ...deployment(hosted, "traefik") };
    await expect(server.apply(object as object as Applied)).resolves.toBeUndefined();
  });
});

describe("the controller's Service", () => {
  it.each([
    ["LoadBalancer", { publicPort: 8443, loadBalancerClass: "metallb" }],
    ["NodePort", { publicPort: 30443, nodePorts: { http: 30080, https: 30443 } }],
    ["HostPort", { publicPort: 8443, ipFamilyPolicy: "PreferDualStack" }],
  ])("is taken as %s, with another port than 443", async (serviceType, more) => {
    const args = service(settingsOf({ serviceType, ...more })) as object as { metadata: { name: string } };
    // Each its own: a change of the class is refused.
    const metadata = { ...args.metadata, name: serviceType.toLowerCase() };
    await expect(
      server.apply({ apiVersion: "v1", kind: "Service", ...args, metadata } as object as Applied),
    ).resolves.toBeUndefined();
  });
});
