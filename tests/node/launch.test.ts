/**
 * Launches by the stand-in for Onyxia's API: helm 4.1.4 with the API's command lines, a real API server, the demo's chart.
 * The account may do everything here: what launches may not do is tried where the platform's own rights are.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureHelm } from "../../testbed/helm/helm.ts";
import { helloChart } from "../../testbed/stand-ins/catalogue.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { ownChartNames } from "../../components/catalogue/names.ts";
import { packOwnCharts } from "../../components/catalogue/own-charts.ts";
import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { runKubectl } from "../support/kubectl.ts";
import { StandInApi, startRepository, tokenKubeconfig } from "../support/stand-in-api.ts";

// Each call of helm is a process, and the machine may be busy.
jest.setTimeout(180_000);

const namespace = "user-default";

describe("a launch", () => {
  let folder: string;
  let plane: ControlPlane;
  let api: StandInApi;
  let kubectl: (...args: readonly string[]) => Promise<string>;
  /** A program of this name is found before helm. */
  let wrapper: string;
  const cleanups: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "datalab-launch-"));
    const toolchain = await ensureToolchain();
    plane = await startControlPlane({ owned: true, tools: controlPlaneTools(toolchain) });
    cleanups.push(() => plane.stop());
    kubectl = (...args) => runKubectl({ toolchain, folder, kubeconfig: plane.kubeconfig }, args);
    await kubectl("create", "serviceaccount", "api");
    const admin = ["--clusterrole=cluster-admin", "--serviceaccount=default:api"];
    await kubectl("create", "clusterrolebinding", "api", ...admin);
    const repository = await startRepository([helloChart(), ...packOwnCharts(ownChartNames)]);
    cleanups.push(repository.close);
    mkdirSync(join(folder, "sbin"));
    wrapper = join(folder, "sbin/helm");
    api = await StandInApi.start({
      folder,
      repository: repository.url,
      kubeconfig: tokenKubeconfig(folder, plane.kubeconfig, await kubectl("create", "token", "api")),
      path: [dirname(wrapper), dirname(await ensureHelm())],
      schemas: schemaOverrides(portalSettings.parse({}).services, {
        ingressNamespace: "datalab-ingress",
        privateCa: false,
      }),
    });
    cleanups.push(() => api.stop());
  }, 600_000);

  afterAll(async () => {
    for (const clean of cleanups.toReversed()) await clean();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const launch = (name: string, options: object = {}, more: object = {}) =>
    api.send("PUT", "/my-lab/app", {
      ...{ catalogId: "own", packageName: "hello", packageVersion: "1.0.0", name, friendlyName: "Hello", share: false },
      options: {
        ingress: { hostname: `${namespace}-1-hello.lab.example.test` },
        global: { suspend: false },
        ...options,
      },
      ...more,
    });
  const remove = (name: string) => api.send("DELETE", `/my-lab/app?path=${name}`);
  const services = async () => {
    const { apps } = JSON.parse((await api.send("GET", "/my-lab/services")).text) as { apps: object[] };
    return apps;
  };
  /** Objects of a release, its records included. */
  const left = async (name: string) => {
    const kinds = "statefulset,service,ingress,configmap,persistentvolumeclaim,secret,rolebinding";
    const all = await kubectl("get", kinds, "--namespace", namespace, "-o", "name");
    return all.split("\n").filter((line) => line.includes(name));
  };

  it("has a schema with the platform's overrides, and is checked against it", async () => {
    const { text } = await api.send("GET", "/my-lab/schemas/own/charts/hello/versions/1.0.0");
    expect(JSON.parse(text)).toMatchObject({
      properties: { persistence: { properties: { size: { default: "10Gi" } } } },
    });
    const refused = await launch("checked", { persistence: { size: 3 } });
    expect(refused).toMatchObject({ status: 400, text: expect.stringContaining("Validation failed") });
    expect((await launch("unknown", {}, { packageVersion: "2.0.0" })).status).toBe(404);
    expect((await launch("many words")).status).toBe(403);
  });

  it("is in the catalogue with what the portal's page begins its form with", async () => {
    const { text } = await api.send("GET", "/my-lab/catalogs");
    const { catalogs } = JSON.parse(text) as { catalogs: object[] };
    expect(catalogs[0]).toMatchObject({
      id: "own",
      visible: { user: true, project: true },
      catalog: {
        latestPackages: {
          hello: {
            type: "application",
            description: expect.stringContaining("counts its visits"),
            defaultValues: expect.stringContaining("persistence:\n"),
          },
        },
      },
    });
  });

  it("finds the platform's own charts beside it, each with its form", async () => {
    const { text } = await api.send("GET", "/my-lab/catalogs");
    const { catalogs } = JSON.parse(text) as { catalogs: { catalog: { latestPackages: object } }[] };
    expect(Object.keys(catalogs[0]!.catalog.latestPackages).toSorted()).toEqual(["hello", ...ownChartNames].toSorted());
    const form = async (name: string) =>
      JSON.parse((await api.send("GET", `/my-lab/schemas/own/charts/${name}/versions/1.0.0`)).text) as object;
    expect(await form("static-site")).toMatchObject({ properties: { page: { render: "textArea" } } });
    expect(await form("jupyter-basic")).toMatchObject({
      properties: { persistence: { properties: { size: { render: "slider" } } } },
    });
  });

  it("makes the namespace, the objects and Onyxia's own record, and answers with the objects", async () => {
    const answer = await launch("hello-1");
    expect(answer.status).toBe(200);
    const [objects = []] = JSON.parse(answer.text) as { kind: string }[][];
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual(
      ["ConfigMap", "Ingress", "PersistentVolumeClaim", "Secret", "Service", "StatefulSet"].toSorted(),
    );
    expect(api.log).toMatch(
      /^helm upgrade --install --history-max 0 hello-1 own\/hello -n user-default --version 1\.0\.0 -f \S+ --output json$/m,
    );
    const record = ["secret", "sh.onyxia.release.v1.hello-1", "--namespace", namespace, "-o", "json"];
    expect(JSON.parse(await kubectl("get", ...record))).toMatchObject({
      type: "onyxia.sh/release.v1",
      metadata: { ownerReferences: [{ kind: "Secret", name: "sh.helm.release.v1.hello-1.v1", controller: true }] },
    });
    await kubectl("rollout", "status", "statefulset/hello-1", "--namespace", namespace, "--timeout=60s");
    expect(await services()).toMatchObject([
      {
        ...{ name: "hello-1", chart: "hello-1.0.0", status: "deployed", revision: "1", friendlyName: "Hello" },
        ...{ catalogId: "own", owner: "default", share: false, suspendable: true, suspended: false },
        urls: ["https://user-default-1-hello.lab.example.test/"],
        tasks: [{ id: "hello-1-0", status: { status: "Running" }, containers: [{ name: "hello", ready: true }] }],
        controllers: [{ kind: "StatefulSet", healthy: true, details: { desired: 1, ready: 1 } }],
      },
    ]);
  });

  it("is suspended and resumed, renamed and shared", async () => {
    const change = async (what: string, body: object) => {
      expect(await api.send("POST", `/my-lab/app/${what}`, { serviceID: "hello-1", ...body })).toMatchObject({
        status: 200,
      });
    };
    await change("suspend", {});
    const suspended = JSON.parse((await api.send("GET", "/my-lab/app?serviceId=hello-1")).text) as object;
    expect(suspended).toMatchObject({ suspended: true, urls: [], controllers: [{ details: { desired: 0 } }] });
    await change("resume", {});
    await change("rename", { friendlyName: "Another" });
    await change("share", { share: true });
    expect(await services()).toMatchObject([{ suspended: false, friendlyName: "Another", share: true, revision: "3" }]);
  });

  it("renders templates among the values: what helm may read, the answer tells", async () => {
    await kubectl("create", "secret", "generic", "neighbour", "--from-literal=password=not-for-you");
    const greeting = '{{ (lookup "v1" "Secret" "default" "neighbour").data.password | b64dec }}';
    const { status, text } = await launch("curious", { greeting });
    expect([status, text.includes("not-for-you")]).toEqual([200, true]);
    expect((await remove("curious")).text).toBe('{"path":"curious","success":true}');
  });

  it("that helm refuses is a 500 without words", async () => {
    const answer = await launch("broken", { networking: { type: "ClusterIP\n---\nno: object" } });
    expect(JSON.parse(answer.text)).toEqual({ status: 500, error: "Internal Server Error", path: "/api/my-lab/app" });
    expect(answer.status).toBe(500);
    await remove("broken");
  });

  it("goes without a trace", async () => {
    expect(await left("hello-1")).not.toEqual([]);
    expect((await remove("hello-1")).text).toBe('{"path":"hello-1","success":true}');
    // Onyxia's record goes with helm's first revision, by the garbage collector.
    const until = Date.now() + 60_000;
    while ((await left("hello-1")).length > 0 && Date.now() < until);
    expect(await left("hello-1")).toEqual([]);
    expect((await remove("hello-1")).text).toBe('{"path":"hello-1","success":false}');
  });

  it("seems gone when helm cannot list, as in the real API, and the first helm on the path is the one", async () => {
    writeFileSync(wrapper, "#!/bin/sh\necho refused >&2\nexit 1\n", { mode: 0o755 });
    expect(await api.send("GET", "/my-lab/services")).toEqual({ status: 200, text: '{"apps":[],"groups":[]}' });
    expect((await launch("hello-2")).status).toBe(500);
    expect(api.log).toContain("refused");
    rmSync(wrapper);
  });
});
