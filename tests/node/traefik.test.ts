/** Whose server a host leads to, with the ingress controller's program and Ingresses whose names are chosen to collide. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureTraefik } from "../../testbed/images/traefik/build.ts";
import { inWorkshop } from "../../testbed/images/workshop.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { keycloakIngress } from "../../components/identity/keycloak-ingress.ts";
import { keycloakWorkload } from "../../components/identity/names.ts";
import { ingressSettings } from "../../components/ingress/settings.ts";
import { clusterRole, clusterRoleBinding, ingressClass, serviceAccount } from "../../components/ingress/traefik.ts";
import { className, controllerName } from "../../components/ingress/traefik-arguments.ts";
import { service as controllerService } from "../../components/ingress/traefik-service.ts";
import { realmKeys } from "../../components/ingress/visitors.ts";
import { namespaces } from "../../components/names.ts";
import { portalIngress, responseHeaders, responseHeadersName } from "../../components/portal/network.ts";
import { webName } from "../../components/portal/web-pod.ts";
import { type HostAnswer, RunningTraefik } from "../support/traefik.ts";

jest.setTimeout(60_000);

type Kubernetes = Record<string, unknown>;

/** Address of each namespace's pod. */
const pods = {
  "user-jean": "10.244.0.1",
  "user-jeanpierre": "10.244.0.2",
  "project-team": "10.244.0.3",
  "user-jean-pierre": "10.244.0.4",
  "user-rounds": "10.244.0.5",
} as const;
type Namespace = keyof typeof pods;

/** Only this visitor, where there is an allow list. */
const friend = "127.0.0.2";

let kubectl: string;
let plane: ControlPlane;
let traefikProgram: string;
let traefik: RunningTraefik;
let rounds = 0;

beforeAll(async () => {
  const tools = await ensureToolchain();
  traefikProgram = await inWorkshop({}, ensureTraefik);
  kubectl = tools.path("kubectl");
  plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
  apply(...[namespaces.ingress, ...Object.keys(pods)].map((name) => object("v1", "Namespace", { metadata: { name } })));
  const settings = ingressSettings.parse({ kind: "traefik" });
  if (settings.kind !== "traefik") throw new Error("another kind of controller");
  apply(
    object("networking.k8s.io/v1", "IngressClass", ingressClass()),
    object("rbac.authorization.k8s.io/v1", "ClusterRole", clusterRole()),
    object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", clusterRoleBinding()),
    object("v1", "ServiceAccount", serviceAccount()),
    object("v1", "Service", controllerService(settings)),
    ...Object.keys(pods).flatMap((name) => notebook(name as Namespace)),
  );
  traefik = await RunningTraefik.start(traefikProgram, controllerKubeconfig());
}, 1_800_000);

afterAll(async () => {
  await traefik.stop();
  await plane.stop();
}, 60_000);

it("each host leads to its own server, and an allow list is its own, where names have no hyphens", async () => {
  const kept = ["user-jean", "pierre-x"] as const;
  const open: readonly (readonly [Namespace, string])[] = [
    ["user-jean", "x"],
    ["user-jean", "jeanpierre-x"],
    ["user-jeanpierre", "x"],
    ["user-jeanpierre", "pierre-x"],
    ["project-team", "x"],
    ["project-team", "user-jean-pierre-x"],
  ];
  apply(ingress(...kept, friend), ...open.map(([namespace, name]) => ingress(namespace, name)));
  for (let count = 0; count < 8; count++) {
    await reload();
    for (const [namespace, name] of open) {
      expect([name, await ask(namespace, name)]).toEqual([name, { status: 200, pod: pods[namespace] }]);
    }
    expect(await ask(...kept)).toEqual({ status: 403, pod: "" });
    expect(await ask(...kept, friend)).toEqual({ status: 200, pod: pods["user-jean"] });
  }
});

// If this fails, Traefik has parted its names: `identity.hyphenatedNames` is then safe here, see docs/adr/0013.
it("with hyphens one of two hosts vanishes at each reload, and the other leads past the neighbour's allow list", async () => {
  const victim = ["user-jean-pierre", "y"] as const;
  const thief = ["user-jean", "pierre-y"] as const;
  apply(ingress(...victim, friend));
  // The older one's pod is taken for both, by whole seconds.
  await sleep(1100);
  apply(ingress(...thief));
  const seen = new Set<string>();
  for (let count = 0; count < 40 && (count < 8 || seen.size < 2); count++) {
    await reload();
    const [{ status }, other, { status: still }] = [await ask(...victim), await ask(...thief), await ask(...victim)];
    // Otherwise one more reload came between.
    if (status === still) seen.add(JSON.stringify([status, other]));
  }
  expect([...seen].sort()).toEqual([
    JSON.stringify([403, { status: 404, pod: "" }]),
    JSON.stringify([404, { status: 200, pod: pods["user-jean-pierre"] }]),
  ]);
});

it("the portal's answers tell browsers to come by HTTPS alone, and a service's do not", async () => {
  const host = "datalab.example.test";
  const namespace = namespaces.portal;
  apply(object("v1", "Namespace", { metadata: { name: namespace } }));
  apply(
    object("v1", "ConfigMap", { metadata: { name: responseHeadersName, namespace }, data: responseHeaders }),
    object("networking.k8s.io/v1", "Ingress", portalIngress(host, className, true)),
    ...server({ name: webName, namespace }, pods["user-rounds"]),
  );
  await reload();
  expect(await traefik.ask(host)).toEqual({ status: 200, pod: pods["user-rounds"] });
  expect(await traefik.headersOf(host)).toMatchObject({ "strict-transport-security": "max-age=31536000" });
  expect(await traefik.headersOf(hostOf("user-rounds", `round-${rounds}`))).not.toHaveProperty([
    "strict-transport-security",
  ]);
});

it("strangers are turned away at every host and port, but for what the store asks the realm", async () => {
  const namespace = namespaces.identity;
  const [host, other] = ["auth.example.test", hostOf("user-jean", "door")];
  const open = realmKeys(host, "datalab");
  const keycloak = { namespace, host, className, realm: "datalab", adminConsole: false };
  apply(object("v1", "Namespace", { metadata: { name: namespace } }));
  apply(
    object("networking.k8s.io/v1", "Ingress", keycloakIngress(keycloak)),
    ...server({ name: keycloakWorkload, namespace }, pods["user-rounds"]),
    ingress("user-jean", "door"),
    ingress("user-jean", "locked", friend),
  );
  const pod = "127.0.0.3";
  const list = { networks: [`${friend}/32`], pods: [`${pod}/32`], open };
  const door = await RunningTraefik.start(traefikProgram, controllerKubeconfig(), { list, folder: plane.folder });
  try {
    const stranger = "127.0.0.1";
    const status = async (from: string, at: string, path?: string) => (await door.ask(at, from, path)).status;
    const deadline = Date.now() + 15_000;
    while ((await status(friend, other).catch(() => undefined)) !== 200) {
      if (Date.now() > deadline) throw new Error(`it does not serve: ${door.log.slice(-2000)}`);
      await sleep(50);
    }
    for (const [from, expected] of [
      [friend, 200],
      [pod, 200],
      [stranger, 403],
    ] as const) {
      expect([from, await status(from, other), await status(from, host, "/realms/datalab/account")]).toEqual([
        from,
        expected,
        expected,
      ]);
    }
    for (const path of open.paths) {
      expect([path, await status(stranger, host, path), await status(stranger, other, path)]).toEqual([path, 200, 403]);
      for (const near of [`${path}/`, `${path}x`, `/x${path}`, `${path}/../../auth`]) {
        expect([near, await status(stranger, host, near)]).toEqual([near, 403]);
      }
    }
    expect([await status(stranger, "nobody.example.test"), await status(friend, "nobody.example.test")]).toEqual([
      403, 404,
    ]);
    expect([await door.plainStatus(other, stranger), await door.plainStatus(other, friend)]).toEqual([403, 308]);
    // A list of a service's own goes on counting for those whom the door lets in.
    const locked = hostOf("user-jean", "locked");
    expect([await status(pod, locked), await status(friend, locked)]).toEqual([403, 200]);
    expect(door.log).not.toMatch(/ ERR /);
  } finally {
    await door.stop();
  }
});

/** Changes another Ingress, and waits until the controller works with that. */
async function reload(): Promise<void> {
  const name = `round-${++rounds}`;
  apply(ingress("user-rounds", "round", undefined, name));
  const deadline = Date.now() + 15_000;
  const answer = () => traefik.ask(hostOf("user-rounds", name)).catch(() => undefined);
  while ((await answer())?.status !== 200) {
    if (Date.now() > deadline) throw new Error(`${name} is not served: ${traefik.log.slice(-2000)}`);
    await sleep(50);
  }
}

function ask(namespace: Namespace, name: string, from?: string): Promise<HostAnswer> {
  return traefik.ask(hostOf(namespace, name), from);
}

function hostOf(namespace: Namespace, name: string): string {
  return `${namespace}-1-${name}.lab.example.test`;
}

function ingress(namespace: Namespace, name: string, allowed?: string, label = name): Kubernetes {
  const host = hostOf(namespace, label);
  const backend = { service: { name: "notebook", port: { number: 80 } } };
  const annotations =
    allowed === undefined ? {} : { "nginx.ingress.kubernetes.io/whitelist-source-range": `${allowed}/32` };
  return object("networking.k8s.io/v1", "Ingress", {
    metadata: { name, namespace, annotations },
    spec: {
      ingressClassName: className,
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      tls: [{ hosts: [host] }],
    },
  });
}

function notebook(namespace: Namespace): Kubernetes[] {
  return server({ name: "notebook", namespace }, pods[namespace]);
}

/** A Service without selector, and where it leads. */
function server(metadata: { readonly name: string; readonly namespace: string }, address: string): Kubernetes[] {
  const labels = { "kubernetes.io/service-name": metadata.name };
  return [
    object("v1", "Service", { metadata, spec: { ports: [{ name: "http", port: 80, targetPort: 8888 }] } }),
    object("discovery.k8s.io/v1", "EndpointSlice", {
      metadata: { ...metadata, labels },
      addressType: "IPv4",
      ports: [{ name: "http", port: 8888 }],
      endpoints: [{ addresses: [address] }],
    }),
  ];
}

function object(apiVersion: string, kind: string, rest: object): Kubernetes {
  return { apiVersion, kind, ...rest };
}

function apply(...items: readonly Kubernetes[]): void {
  const list = { apiVersion: "v1", kind: "List", items };
  run(["apply", "--server-side", "--validate=false", "-f", "-"], JSON.stringify(list));
}

function run(args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync(kubectl, ["--kubeconfig", plane.kubeconfig, ...args], {
    input,
    encoding: "utf8",
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The controller's own rights, as in the cluster. */
function controllerKubeconfig(): string {
  const token = run(["-n", namespaces.ingress, "create", "token", controllerName]).trim();
  const kubeconfig = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as { users: { name: string }[] };
  const file = join(plane.folder, "traefik.kubeconfig");
  const users = kubeconfig.users.map(({ name }) => ({ name, user: { token } }));
  writeFileSync(file, JSON.stringify({ ...kubeconfig, users }), { mode: 0o600 });
  return file;
}
