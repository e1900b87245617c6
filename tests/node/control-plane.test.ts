import { execFile, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  controlPlaneStatus,
  controlPlaneTools,
  startControlPlane,
  type ControlPlane,
} from "../../testbed/control-plane/control-plane.ts";
import { LocalProgram } from "../../testbed/control-plane/local-program.ts";
import { belongsTo } from "../../testbed/control-plane/processes.ts";
import { serviceAccountKubeconfig } from "../../testbed/control-plane/service-account.ts";
import type { CertManagerWorkload } from "../../testbed/control-plane/workload.ts";
import { openEngine, type Engine } from "../../testbed/engine/engine.ts";
import { ensureToolchain, type Toolchain } from "../../testbed/toolchain/toolchain.ts";
import { Kubectl } from "../../checks/kubectl/kubectl.ts";
import { ReadinessWatch } from "../../checks/readiness/watch.ts";

const checkout = resolve(import.meta.dirname, "../..");
const objects = readFileSync(join(import.meta.dirname, "control-plane/objects.yaml"), "utf8");

let folder: string;
let toolchain: Toolchain;
let controlPlane: ControlPlane;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "datalab-engine-"));
  toolchain = await ensureToolchain({ report: () => undefined });
  controlPlane = await start("main");
}, 1_800_000);

afterAll(async () => {
  await controlPlane.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function start(name: string): Promise<ControlPlane> {
  return startControlPlane({ folder: join(folder, name), tools: controlPlaneTools(toolchain), owned: true });
}

async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await kubectlOf(controlPlane, args);
  return stdout;
}

function kubectlOf(target: ControlPlane, args: readonly string[], input = "") {
  const KUBECACHEDIR = join(folder, "kubectl");
  const running = promisify(execFile)(toolchain.path("kubectl"), ["--kubeconfig", target.kubeconfig, ...args], {
    env: { ...process.env, KUBECACHEDIR },
  });
  running.child.stdin?.end(input);
  return running;
}

/** The ids of every process of a control plane. */
function processes(target: string): number[] {
  const folders = [join(target, "pids"), join(target, "kwok/clusters/kwok/pids")];
  return folders.flatMap((at) => readdirSync(at).map((name) => Number(readFileSync(join(at, name), "utf8"))));
}

/** A Pulumi project of its own, with a program that lies beside this test. */
function makeProject(program: string): string {
  const project = join(folder, program);
  mkdirSync(project);
  symlinkSync(join(checkout, "node_modules"), join(project, "node_modules"));
  const runtime = "runtime: { name: nodejs, options: { typescript: false } }";
  writeFileSync(join(project, "Pulumi.yaml"), `name: ${program}\n${runtime}\nmain: index.ts\n`);
  writeFileSync(join(project, "package.json"), '{ "type": "module", "main": "index.ts" }');
  writeFileSync(join(project, "Pulumi.test.yaml"), "config: {}\n");
  cpSync(join(import.meta.dirname, `control-plane/${program}.ts`), join(project, "index.ts"));
  return project;
}

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`not within a minute: ${what}`);
    await sleep(50);
  }
}

describe("objects on simulated nodes", () => {
  beforeAll(async () => {
    await kubectlOf(controlPlane, ["apply", "-f", "-"], objects);
  }, 90_000);

  test("nodes are ready and pods of Deployments and StatefulSets run on them", async () => {
    await kubectl("rollout", "status", "deployment/web", "statefulset/db", "--timeout=20s");
    const nodes = await kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}");
    expect(new Set(nodes.split(" ")).size).toBe(3);
  }, 90_000);

  test("Jobs complete", async () => {
    await kubectl("wait", "job/once", "--for=condition=Complete", "--timeout=20s");
  }, 90_000);

  test("Services of type LoadBalancer and Ingresses get an address", async () => {
    const address = "{.status.loadBalancer.ingress[0].ip}";
    for (const object of ["service/balanced", "ingress/routes"]) {
      await kubectl("wait", object, `--for=jsonpath=${address}=192.0.2.10`, "--timeout=20s");
    }
    await expect(kubectl("get", "service/inner", "-o", `jsonpath=${address}`)).resolves.toBe("");
  }, 60_000);

  test("an image that cannot be pulled keeps its pod from becoming ready, and is named", async () => {
    const waiting = "{.items[0].status.containerStatuses[0].state.waiting.message}";
    await until("a waiting reason", async () => {
      const reason = await kubectl("get", "pods", "-l", "app=broken", "-o", `jsonpath=${waiting}`);
      return reason === 'Back-off pulling image "example.org/never-ready:1"';
    });
    await expect(kubectl("get", "deployment/broken", "-o", "jsonpath={.status.readyReplicas}")).resolves.toBe("");
  }, 90_000);

  test("claims are bound to volumes, which go with them; nothing is written to this machine", async () => {
    await kubectl("wait", "pvc/data-db-0", "--for=jsonpath={.status.phase}=Bound", "--timeout=20s");
    const volume = await kubectl("get", "pvc/data-db-0", "-o", "jsonpath={.spec.volumeName}");
    const path = await kubectl("get", "pv", volume, "-o", "jsonpath={.spec.hostPath.path}");
    expect(existsSync(path)).toBe(false);
    await kubectl("delete", "statefulset/db", "pvc/data-db-0", "--timeout=20s");
    await until("the volume is deleted", async () => (await kubectl("get", "pv", "-o", "name")) === "");
  }, 60_000);

  test("a claim of a class that does not exist stays pending, as it would elsewhere", async () => {
    await expect(kubectl("get", "pvc/strange", "-o", "jsonpath={.status.phase}")).resolves.toBe("Pending");
  }, 90_000);

  test("RBAC and admission are those of a real API server", async () => {
    const denied = kubectl("get", "secrets", "--as", "system:serviceaccount:default:default");
    await expect(denied).rejects.toThrow("cannot list resource");
    await kubectl("label", "namespace", "default", "pod-security.kubernetes.io/enforce=restricted");
    await expect(kubectl("run", "root", "--image=nginx")).rejects.toThrow("violates PodSecurity");
    await kubectl("label", "namespace", "default", "pod-security.kubernetes.io/enforce-");
  }, 90_000);

  test("a deleted pod is gone at once", async () => {
    const begin = Date.now();
    await kubectl("delete", "deployment/web", "--cascade=foreground", "--timeout=20s");
    expect(Date.now() - begin).toBeLessThan(10_000);
  }, 90_000);
});

describe("a control plane", () => {
  test("is reused by a second start in its folder, and independent of others", async () => {
    const [again, other] = await Promise.all([start("main"), start("other")]);
    expect(again).toMatchObject({ reused: true, server: controlPlane.server });
    expect(other.reused).toBe(false);
    expect(other.server).not.toBe(controlPlane.server);
    await kubectlOf(other, ["create", "namespace", "only-there"]);
    await expect(kubectl("get", "namespace", "only-there")).rejects.toThrow("NotFound");
    await other.stop();
    expect(existsSync(other.folder)).toBe(false);
    await expect(controlPlaneStatus(controlPlane.folder)).resolves.toMatchObject({ state: "running" });
  }, 120_000);

  test("two starts at once in one folder give one", async () => {
    const [one, two] = await Promise.all([start("twice"), start("twice")]);
    expect(one.server).toBe(two.server);
    expect([one.reused, two.reused].sort()).toEqual([false, true]);
    await one.stop();
  }, 120_000);

  test.each(["supervisor", "etcd"])(
    "whose %s has died is cleared away and replaced",
    async (victim) => {
      const first = await start("crash");
      const before = processes(first.folder);
      const file = ["pids/supervisor", "kwok/clusters/kwok/pids/etcd.pid"].find((name) => name.includes(victim));
      process.kill(Number(readFileSync(join(first.folder, file!), "utf8")), "SIGKILL");
      await until("broken", async () => (await controlPlaneStatus(first.folder)).state === "broken");
      const second = await start("crash");
      expect(second.reused).toBe(false);
      expect(before.filter((pid) => belongsTo(first.folder, pid))).toEqual([]);
      await second.stop();
      expect(existsSync(second.folder)).toBe(false);
    },
    120_000,
  );

  test.each([
    ["has started", "started"],
    ["is starting", "created"],
  ])(
    "ends with its owner, killed while it %s",
    async (_, moment) => {
      const target = join(folder, `owned-${moment}`);
      const script = `
      import { startControlPlane } from ${JSON.stringify(join(checkout, "testbed/control-plane/control-plane.ts"))};
      const options = ${JSON.stringify({ folder: target, tools: controlPlaneTools(toolchain), owned: true })};
      await startControlPlane(options);
      console.log("started");
      setInterval(() => {}, 1000);
    `;
      const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      if (moment === "started")
        await new Promise((done) => createInterface({ input: owner.stdout }).once("line", done));
      else await until("a first process", () => existsSync(join(target, "kwok/clusters/kwok/pids/etcd.pid")));
      const before = processes(target);
      expect(before.length).toBeGreaterThan(1);
      owner.kill("SIGKILL");
      await until("folder and processes are gone", () => {
        return !existsSync(target) && !before.some((pid) => belongsTo(target, pid));
      });
    },
    120_000,
  );

  test("starts with an API server that needs longer than the controller manager waits by itself", async () => {
    const tools = controlPlaneTools(toolchain);
    const slow = join(folder, "slow-kube-apiserver");
    writeFileSync(slow, `#!/bin/sh\nsleep 14\nexec '${tools.kubeApiserver}' "$@"\n`, { mode: 0o755 });
    const target = join(folder, "slow");
    const plane = await startControlPlane({ folder: target, tools: { ...tools, kubeApiserver: slow }, owned: true });
    expect(plane.startedIn).toBeGreaterThan(14_000);
    // Made by a controller.
    const accounts = ["get", "serviceaccounts", "-n", "kube-system", "-o", "name"];
    await until("the controllers work", async () => (await kubectlOf(plane, accounts)).stdout.includes("/default"));
    await plane.stop();
    expect(existsSync(target)).toBe(false);
  }, 120_000);

  test("that cannot start says why, and leaves nothing", async () => {
    const tools = { ...controlPlaneTools(toolchain), etcd: "/bin/false" };
    const target = join(folder, "failing");
    await expect(startControlPlane({ folder: target, tools, owned: true })).rejects.toThrow("did not start");
    expect(existsSync(target)).toBe(false);
  }, 120_000);
});

describe("cert-manager beside the control plane", () => {
  let engine: Engine;

  beforeAll(async () => {
    const project = makeProject("certificates");
    engine = await openEngine({
      toolchain,
      state: join(folder, "certificates-state"),
      project,
      stack: "test",
      environment: { KUBECONFIG: controlPlane.kubeconfig },
    });
    const [chart] = readdirSync(toolchain.charts).filter((name) => name.startsWith("cert-manager"));
    await engine.configure(["certificates:chart"], join(toolchain.charts, chart!));
  }, 60_000);

  test("is installed by its chart and issues certificates", async () => {
    const { exitCode, text, diagnostics } = await engine.up();
    expect({ exitCode, text: exitCode === 0 ? "" : text }).toEqual({ exitCode: 0, text: "" });
    // Among others: no word about plugins or a language host found elsewhere.
    expect(diagnostics).toEqual([]);
    await kubectl("wait", "-n", "certs", "certificate/wildcard", "--for=condition=Ready", "--timeout=20s");
  }, 180_000);

  test("acts as the ServiceAccounts of its pods, through its own webhook", async () => {
    const requester = "jsonpath={.items[0].spec.username}";
    await expect(kubectl("get", "-n", "certs", "certificaterequests", "-o", requester)).resolves.toBe(
      "system:serviceaccount:certs:cert-manager",
    );
  }, 90_000);

  test("refuses in its own words", async () => {
    const certificate = {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "short", namespace: "certs" },
      spec: { secretName: "short", duration: "90s", dnsNames: ["a.example.org"], issuerRef: { name: "any" } },
    };
    const refused = kubectlOf(controlPlane, ["apply", "-f", "-"], JSON.stringify(certificate));
    await expect(refused).rejects.toThrow("certificate duration must be greater than 1h0m0s");
  }, 90_000);

  test("says by the program why an authority that nobody reaches issues nothing", async () => {
    const named = (name: string) => ({ apiVersion: "cert-manager.io/v1", metadata: { name, namespace: "certs" } });
    const wanted = (name: string, issuer: string) => ({
      ...named(name),
      kind: "Certificate",
      spec: { secretName: name, dnsNames: ["*.example.org"], issuerRef: { kind: "ClusterIssuer", name: issuer } },
    });
    const acme = {
      server: "https://127.0.0.1:1/directory",
      privateKeySecretRef: { name: "account" },
      solvers: [{ dns01: { route53: { region: "eu-west-3" } } }],
    };
    const items = [
      { ...named("away"), metadata: { name: "away" }, kind: "ClusterIssuer", spec: { acme } },
      wanted("waiting", "away"),
      wanted("orphan", "nobody"),
    ];
    await kubectlOf(controlPlane, ["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    const said: string[] = [];
    const say = (sentence: string) => Promise.resolve(void said.push(sentence));
    const PATH = `${dirname(toolchain.path("kubectl"))}:${process.env["PATH"] ?? ""}`;
    const place = { project: folder, environment: { ...process.env, PATH }, timeout: 10 };
    const options = { kubeconfig: () => Promise.resolve({ path: controlPlane.kubeconfig }), context: undefined };
    const looker = new Kubectl({ ...options, ...place });
    const begun = new Date();
    const watch = new ReadinessWatch({ kubectl: looker, namespaces: ["certs"], readyTimeout: 60, say }, begun);
    let looks = 0;
    // Its clock runs ahead: a trouble is told after twenty seconds.
    await until("both are told", async () => {
      await watch.look(new Date(begun.getTime() + 21_000 * looks++));
      return said.length >= 2;
    });
    expect(said.toSorted()).toEqual([
      expect.stringMatching(
        /^The certificate certs\/orphan for \*\.example\.org is not issued: there is no ClusterIssuer nobody\./,
      ),
      expect.stringMatching(
        /^The certificate certs\/waiting for \*\.example\.org is not issued: the ClusterIssuer away is not ready: .*127\.0\.0\.1:1.* cert-manager does not reach the authority/,
      ),
    ]);
    const kinds = ["certificate/waiting", "certificate/orphan", "clusterissuer/away"];
    await kubectl("delete", "-n", "certs", ...kinds);
  }, 90_000);

  test("is started again when one of its programs dies", async () => {
    const pid = () => readFileSync(join(controlPlane.folder, "pids/certs.cert-manager-webhook"), "utf8");
    const before = pid();
    process.kill(Number(before), "SIGKILL");
    await until("another process", () => pid() !== before);
    await until("the webhook answers", () =>
      kubectl("annotate", "--overwrite", "-n", "certs", "certificate/wildcard", "test/again=1").then(
        () => true,
        () => false,
      ),
    );
  }, 60_000);

  test("a second preview changes nothing, and its programs end with their Deployments", async () => {
    const preview = await engine.preview({ flags: ["--expect-no-changes"] });
    expect(preview.exitCode).toBe(0);
    const running = processes(controlPlane.folder).filter((pid) => belongsTo(controlPlane.folder, pid));
    await kubectl("delete", "deployments", "--all", "-n", "certs", "--timeout=20s");
    await until("its three programs have ended", () => {
      return running.filter((pid) => !belongsTo(controlPlane.folder, pid)).length === 3;
    });
  }, 180_000);
});

describe("a program beside the control plane", () => {
  const workload: CertManagerWorkload = {
    role: "controller",
    namespace: "certs",
    name: "cert-manager",
    labels: {},
    serviceAccount: "cert-manager",
    args: [],
  };
  const answer = { status: { token: "token" } };
  const access = { server: "https://127.0.0.1:1", caFile: "", certificateFile: "", keyFile: "" };

  function home(): string {
    return mkdtempSync(join(folder, "program-"));
  }

  test("is ended in the very moment in which it is started", async () => {
    const executable = join(folder, "program");
    writeFileSync(executable, "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
    const api = { create: () => Promise.resolve(answer), allows: () => Promise.resolve(true) };
    const own = home();
    const around = { folder: own, executable, environment: { PATH: process.env["PATH"] ?? "" }, api, access };
    const program = new LocalProgram(workload, { ...around, onAnswering: () => undefined });
    while (!existsSync(join(own, "programs/certs.cert-manager.log"))) await setImmediate();
    const stopped = await Promise.race([program.stop().then(() => true), sleep(10_000, false, { ref: false })]);
    expect(stopped).toBe(true);
  }, 30_000);

  test("renews no token when it was ended meanwhile", async () => {
    const ending = new AbortController();
    const api = {
      create: () => {
        ending.abort();
        return Promise.resolve(answer);
      },
    };
    const account = { namespace: "certs", name: "cert-manager" };
    await expect(serviceAccountKubeconfig(api, access, home(), account, ending.signal)).rejects.toThrow("aborted");
  });
});

test("an operation of the engine ends with the process that has started it", async () => {
  const state = join(folder, "stuck-state");
  const options = {
    toolchain: { ...toolchain, path: undefined },
    state,
    project: makeProject("stuck"),
    stack: "test",
    environment: { KUBECONFIG: controlPlane.kubeconfig },
  };
  const script = `
    import { openEngine } from ${JSON.stringify(join(checkout, "testbed/engine/engine.ts"))};
    const { toolchain, ...options } = JSON.parse(process.argv[1]);
    const path = () => ${JSON.stringify(toolchain.path("pulumi"))};
    const engine = await openEngine({ ...options, toolchain: { ...toolchain, path } });
    await engine.up();
  `;
  const args = ["--input-type=module", "-e", script, JSON.stringify(options)];
  const owner = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  // The CLI and its plugins name the folder; so does the owner.
  const running = () =>
    promisify(execFile)("pgrep", ["-f", `${state}/`]).then(
      ({ stdout }) => stdout.trim().split("\n").length,
      () => 0,
    );
  await until("it waits for its pod", async () =>
    (await kubectl("get", "deployments", "-o", "name")).includes("stuck"),
  );
  expect(await running()).toBeGreaterThan(1);
  owner.kill("SIGKILL");
  await until("nothing of it runs", async () => (await running()) === 0);
}, 120_000);
