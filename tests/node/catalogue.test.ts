/**
 * The catalogue and the basic Jupyter on a real node, with the objects of the graph: who may ask, what is answered, that a
 * page outlives one of its pods, and that a cell runs.
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { BasicJupyter } from "../../components/basic-jupyter/basic-jupyter.ts";
import { basicJupyterSettings } from "../../components/basic-jupyter/settings.ts";
import { Catalogue } from "../../components/catalogue/catalogue.ts";
import { catalogueLocation, ownChartNames } from "../../components/catalogue/names.ts";
import { packOwnCharts } from "../../components/catalogue/own-charts.ts";
import { repositoryIndex } from "../../components/catalogue/package.ts";
import { catalogueSettings } from "../../components/catalogue/settings.ts";
import { platformPriorityClass } from "../../components/kubernetes/priority-class.ts";
import { ensureHelm } from "../../testbed/helm/helm.ts";
import { ensureImages, imagesUnavailable } from "../../testbed/images/images.ts";
import { programImage } from "../../testbed/node/image-archive.ts";
import {
  ensureNodeToolchain,
  nodeObstacle,
  type NodePrograms,
  type RealNode,
  startNode,
} from "../../testbed/node/node.ts";
import { debianPackages } from "../../testbed/toolchain/packages.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { runGraph } from "../support/graph.ts";
import { runCell } from "../support/jupyter-cell.ts";
import { launchValues } from "../support/own-charts.ts";

jest.setTimeout(300_000);

const obstacle = nodeObstacle() ?? imagesUnavailable();
const describeNode = obstacle === undefined ? describe : describe.skip;
const client = "registry.example.test/client:1";
const packages = packOwnCharts(ownChartNames);
const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

describeNode(`the catalogue${obstacle === undefined ? "" : ` (skipped: ${obstacle})`}`, () => {
  let folder: string;
  let programs: NodePrograms;
  let node: RealNode;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "datalab-catalogue-"));
    programs = await ensureNodeToolchain();
    const archive = join(folder, "client.tar");
    writeFileSync(
      archive,
      programImage(join(await debianPackages(["busybox-static"]), "bin/busybox"), ["sleep", "3600"]),
    );
    const made = await ensureImages({ toolchain: await ensureToolchain(), only: ["nginx", "minimalNotebook"] });
    const images = [{ reference: client, archive }, ...made];
    node = await startNode({ folder: join(folder, "node"), programs, images, owned: true });
    await kubectl(["apply", "-f", "-"], list([...(await objects()), ...clients()]));
    await kubectl(["-n", "datalab-catalogue", "rollout", "status", "deployment/catalogue", "--timeout=120s"]);
    for (const namespace of ["datalab-portal", "user-bob"]) {
      await kubectl(["-n", namespace, "wait", "pod/client", "--for=condition=Ready", "--timeout=120s"]);
    }
  }, 1_800_000);

  afterAll(async () => {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  async function kubectl(args: readonly string[], input = ""): Promise<string> {
    const running = promisify(execFile)(programs.paths.kubectl, ["--kubeconfig", node.kubeconfig, ...args], {
      env: { ...process.env, KUBECACHEDIR: join(folder, "kubectl") },
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** What a shell prints in a client's pod. */
  const shell = (namespace: string, script: string) =>
    kubectl(["-n", namespace, "exec", "client", "--", "/busybox", "sh", "-c", script]);

  it("answers the portal's pods with its index and its archives, byte by byte, and with nothing else", async () => {
    const fetched = (path: string) =>
      shell("datalab-portal", `/busybox wget -q -O - ${catalogueLocation}/${path} | /busybox sha256sum`);
    expect(await fetched("index.yaml")).toBe(`${sha256(repositoryIndex(packages))}  -\n`);
    for (const { fileName, archive } of packages) expect(await fetched(fileName)).toBe(`${sha256(archive)}  -\n`);
    const status = (path: string) =>
      shell("datalab-portal", `/busybox wget -S -q -O /dev/null ${catalogueLocation}/${path} 2>&1 || true`);
    expect(await status("static-site-1.0.0.tgz")).toMatch(
      /200 OK[^]*Content-Type: application\/gzip[^]*Cache-Control: no-cache/,
    );
    for (const path of ["nginx.conf", "", "other-1.0.0.tgz", "..data/nginx.conf"]) {
      expect(await status(path)).toContain("404 Not Found");
    }
  });

  it("answers nobody else: a workspace gets no connection", async () => {
    const get = `/busybox timeout 4 /busybox wget -q -O /dev/null ${catalogueLocation}/index.yaml`;
    const asked = (namespace: string) => shell(namespace, `${get} && echo answered || echo refused`);
    expect([await asked("datalab-portal"), await asked("user-bob")]).toEqual(["answered\n", "refused\n"]);
  });

  it("has a page that stays while one of its two pods is killed", async () => {
    const chart = join(folder, packages[1]!.fileName);
    writeFileSync(chart, packages[1]!.archive);
    const values = join(folder, "values.json");
    writeFileSync(values, JSON.stringify(launchValues("static-site", "user-bob", "lab.example.test")));
    const args = [
      "--kubeconfig",
      node.kubeconfig,
      "-n",
      "user-bob",
      "upgrade",
      "--install",
      "page",
      chart,
      "-f",
      values,
    ];
    await promisify(execFile)(await ensureHelm(), args, { env: { PATH: "", HOME: folder } });
    await kubectl(["-n", "user-bob", "rollout", "status", "deployment/page", "--timeout=120s"]);
    const visits = shell(
      "user-bob",
      `n=0; bad=0; while [ $n -lt 200 ]; do
         /busybox timeout 3 /busybox wget -q -O - http://page.user-bob.svc.cluster.local | /busybox grep -q "Hello from the datalab" || bad=$((bad+1))
         n=$((n+1)); /busybox usleep 50000
       done; echo $n visits, $bad failed`,
    );
    const label = ["-l", "app.kubernetes.io/instance=page", "-o", "name"];
    const [victim = ""] = (await kubectl(["-n", "user-bob", "get", "pods", ...label])).split("\n");
    await kubectl(["-n", "user-bob", "delete", victim]);
    expect(await visits).toBe("200 visits, 0 failed\n");
    expect(await kubectl(["-n", "user-bob", "get", "pods", ...label])).not.toContain(victim);
  });

  it("has a Jupyter that asks for the token of the form", async () => {
    await launch("notebook", "jupyter-basic");
    const way = await portForward("user-bob", "service/notebook", 80);
    expect((await fetch(`${way.address}/api/status`)).status).toBe(403);
    expect(await runCell(way.address, "one-time", "print(6 * 7)")).toBe("42\n");
    way.close();
  });

  it("stands beside a Jupyter by hand: token from the log, port-forward, a cell, another token after a restart", async () => {
    const kubectlHere = ["-n", "datalab-basics"];
    await kubectl([...kubectlHere, "rollout", "status", "deployment/jupyter", "--timeout=240s"]);
    const token = async () => {
      const log = await kubectl([...kubectlHere, "logs", "deployment/jupyter"]);
      return /127\.0\.0\.1:8888\/lab\?token=([0-9a-f]+)/.exec(log)?.[1] ?? "";
    };
    const first = await token();
    const way = await portForward("datalab-basics", "service/jupyter", 8888);
    expect((await fetch(`${way.address}/api/status`)).status).toBe(403);
    expect((await fetch(`${way.address}/api/status?token=${first}`)).status).toBe(200);
    expect(await runCell(way.address, first, "print('hello')")).toBe("hello\n");
    way.close();
    await kubectl([...kubectlHere, "delete", "pod", "-l", "app.kubernetes.io/name=jupyter"]);
    await kubectl([...kubectlHere, "rollout", "status", "deployment/jupyter", "--timeout=240s"]);
    expect(await token()).toMatch(/^[0-9a-f]{48}$/);
    expect(await token()).not.toBe(first);
  });

  /** Installs a chart with what the form gives, and waits for its pods. */
  async function launch(release: string, name: (typeof ownChartNames)[number]): Promise<void> {
    const { fileName, archive } = packages.find((chart) => chart.name === name)!;
    const [chart, values] = [join(folder, fileName), join(folder, `${name}.json`)];
    writeFileSync(chart, archive);
    const form = {
      ...launchValues(name, "user-bob", "lab.example.test"),
      persistence: { enabled: false, size: "1Gi" },
    };
    writeFileSync(values, JSON.stringify(form));
    const args = [
      "--kubeconfig",
      node.kubeconfig,
      "-n",
      "user-bob",
      "upgrade",
      "--install",
      release,
      chart,
      "-f",
      values,
    ];
    await promisify(execFile)(await ensureHelm(), args, { env: { PATH: "", HOME: folder } });
    await kubectl(["-n", "user-bob", "rollout", "status", `deployment/${release}`, "--timeout=240s"]);
  }

  /** As a person opens it: `kubectl port-forward`. */
  async function portForward(namespace: string, target: string, port: number) {
    const all = ["--kubeconfig", node.kubeconfig, "-n", namespace, "port-forward", target, `:${port}`];
    const child = spawn(programs.paths.kubectl, all);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const local = /127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1] ?? "";
    return { address: `http://127.0.0.1:${local}`, close: () => child.kill() };
  }
});

function list(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** As the graph makes them. */
async function objects(): Promise<object[]> {
  const { resources } = await runGraph(() => {
    new Catalogue("catalogue", { packages, settings: catalogueSettings.parse({}) });
    new BasicJupyter("basic-jupyter", { settings: basicJupyterSettings.parse({}) });
  });
  const made = resources.flatMap(({ type, inputs }) => {
    const [, group = "", kind = ""] = /^kubernetes:([^:]+):(.+)$/.exec(type) ?? [];
    return kind === "" ? [] : [{ ...inputs, apiVersion: group.replace(/^core\//, ""), kind }];
  });
  return [{ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", ...platformPriorityClass() }, ...made];
}

/** A client in the portal's namespace, and one in a workspace, which has the strictest rules for pods. */
function clients(): object[] {
  const pod = {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "client",
        image: client,
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  };
  return ["datalab-portal", "user-bob"].flatMap((namespace) => [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    { apiVersion: "v1", kind: "Pod", metadata: { name: "client", namespace }, spec: pod },
  ]);
}
