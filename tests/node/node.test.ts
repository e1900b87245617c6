import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { freePorts } from "../../testbed/control-plane/ports.ts";
import { programImage } from "../../testbed/node/image-archive.ts";
import { provideImages } from "../../testbed/node/images.ts";
import {
  ensureNodeToolchain,
  type LastingForward,
  network,
  nodeObstacle,
  nodeStatus,
  startNode,
  type NodeImage,
  type NodePrograms,
  type RealNode,
} from "../../testbed/node/node.ts";
import { debianPackages } from "../../testbed/toolchain/packages.ts";

/** A digest that no archive of ours has: upstream's name has to suffice. */
const image = `docker.io/library/busybox:1.35@sha256:${"ab".repeat(32)}`;
const objects = readFileSync(join(import.meta.dirname, "node/objects.yaml"), "utf8").replaceAll("IMAGE", image);
const obstacle = nodeObstacle();
const describeNode = obstacle === undefined ? describe : describe.skip;

describeNode(`a real node${obstacle === undefined ? "" : ` (skipped: ${obstacle})`}`, () => {
  let folder: string;
  let programs: NodePrograms;
  let images: readonly NodeImage[];
  let node: RealNode;
  let neighbour: RealNode;
  let machine: readonly string[];
  /** A port that the neighbour keeps open. */
  let kubelet: LastingForward;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "datalab-nodes-"));
    programs = await ensureNodeToolchain();
    const archive = join(folder, "busybox.tar");
    writeFileSync(archive, programImage(join(await debianPackages(["busybox-static"]), "bin/busybox"), []));
    images = [{ reference: image, archive }];
    machine = machineState();
    const [port = 0] = await freePorts(1);
    kubelet = { target: `${network.node}:10250`, port };
    [node, neighbour] = await Promise.all([start("one"), start("two", [kubelet])]);
    await kubectl(node, ["apply", "-f", "-"], objects);
    await kubectl(node, ["rollout", "status", "deployment/web", "--timeout=120s"]);
    await kubectl(node, ["rollout", "status", "statefulset/store", "--timeout=120s"]);
  }, 1_800_000);

  afterAll(async () => {
    await Promise.all([node.stop(), neighbour.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  function start(name: string, forwards: readonly LastingForward[] = []): Promise<RealNode> {
    return startNode({ folder: join(folder, name), programs, images, forwards, owned: true });
  }

  /** A process that starts a node, does something with it, and stays. */
  function startOwner(ownFolder: string, work = ""): ChildProcessByStdio<null, Readable, null> {
    const module = join(import.meta.dirname, "../../testbed/node/node.ts");
    const options = JSON.stringify({ folder: ownFolder, programs, images, owned: true });
    const code = `import { startNode } from ${JSON.stringify(module)};
      const node = await startNode(${options});
      ${work}
      console.log("running");
      setInterval(() => undefined, 1000);`;
    const args = ["--input-type=module", "--eval", code];
    return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  }

  async function kubectl(target: RealNode, args: readonly string[], input = ""): Promise<string> {
    const all = ["--kubeconfig", target.kubeconfig, ...args];
    const running = promisify(execFile)(programs.paths.kubectl, all, {
      env: { ...process.env, KUBECACHEDIR: join(folder, "kubectl") },
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  test("runs an image under upstream's name and digest, without a registry", async () => {
    expect(await kubectl(node, ["logs", "deployment/web"])).toBe("serving\n");
    expect(await kubectl(node, ["exec", "deployment/web", "--", "/busybox", "echo", "hello"])).toBe("hello\n");
    const missing = ["run", "missing", "--image=docker.io/library/missing:1", "--restart=Never"];
    await kubectl(node, missing);
    await kubectl(node, ["wait", "pod/missing", waitingFor("ErrImagePull"), "--timeout=60s"]);
  }, 120_000);

  test("gives its API server a certificate that names the authority's key, as strict clients want it", async () => {
    const pki = (name: string) => join(node.folder, "pki", name);
    const certificates = readdirSync(pki("")).filter((name) => name.endsWith(".crt") && name !== "ca.crt");
    const args = ["verify", "-x509_strict", "-CAfile", pki("ca.crt"), ...certificates.map(pki)];
    const { stdout } = await promisify(execFile)("openssl", args);
    expect(stdout.trim().split("\n")).toEqual(certificates.map((name) => `${pki(name)}: OK`));
  });

  test("forwards a port of a pod through the kubeconfig", async () => {
    const child = spawn(programs.paths.kubectl, [
      "--kubeconfig",
      node.kubeconfig,
      "port-forward",
      "deployment/web",
      ":8080",
    ]);
    try {
      const [line] = await firstLines(child.stdout, 1);
      const port = /127\.0\.0\.1:(\d+)/.exec(line ?? "")?.[1] ?? "";
      expect(await textOf(`http://127.0.0.1:${port}/cgi-bin/client`)).toBe("client 127.0.0.1\n");
    } finally {
      child.kill();
    }
  }, 60_000);

  test("has Services and a name service", async () => {
    const get = (url: string) => kubectl(node, ["exec", "store-0", "--", "/busybox", "wget", "-q", "-O", "-", url]);
    expect(await get("http://web.default.svc.cluster.local/cgi-bin/client")).toMatch(/^client 10\.244\.0\.\d+\n$/);
    await expect(get("http://example.org/")).rejects.toThrow("bad address 'example.org'");
  }, 120_000);

  test("keeps the client's address on the way through a load balancer", async () => {
    await kubectl(node, [
      "wait",
      "service/web",
      "--for=jsonpath={.status.loadBalancer.ingress[0].ip}",
      "--timeout=30s",
    ]);
    for (const source of ["10.245.0.254", "10.245.0.253"]) {
      const way = await node.forward(`${node.address}:80`, { source });
      expect(await textOf(`http://${way.address}/cgi-bin/client`)).toBe(`client ${source}\n`);
      await way.close();
      await expect(fetch(`http://${way.address}/`)).rejects.toThrow();
    }
  }, 60_000);

  test("keeps a claim's data, which belong to the pod's group", async () => {
    const starts = () => kubectl(node, ["exec", "store-0", "--", "/busybox", "cat", "/data/starts"]);
    expect(await starts()).toBe("started\n");
    expect(await kubectl(node, ["exec", "store-0", "--", "/busybox", "stat", "-c", "%u:%g %A", "/data"])).toBe(
      "0:2000 drwxrwsr-x\n",
    );
    await kubectl(node, ["delete", "pod", "store-0"]);
    await kubectl(node, ["rollout", "status", "statefulset/store", "--timeout=60s"]);
    expect(await starts()).toBe("started\nstarted\n");

    expect(readdirSync(join(node.folder, "volumes"))).toHaveLength(1);
    await kubectl(node, ["delete", "statefulset/store", "pvc/data"]);
    await until(() => readdirSync(join(node.folder, "volumes")).length === 0);
  }, 120_000);

  test("shares nothing with its neighbour", async () => {
    expect(await kubectl(neighbour, ["get", "deployments", "-A", "-o", "name"])).toBe("deployment.apps/coredns\n");
    const way = await neighbour.forward(`${neighbour.address}:80`);
    await expect(fetch(`http://${way.address}/`)).rejects.toThrow();
    await way.close();
    const first = await node.run("cat", ["/proc/sys/kernel/hostname", "/etc/resolv.conf"]);
    expect(first.stdout).toBe("node\n");
  });

  test("knows nothing of the machine's proxies", async () => {
    const proxies = { HTTPS_PROXY: "http://proxy.test", no_proxy: "none.test" };
    Object.assign(process.env, proxies);
    try {
      const { stdout } = await node.run("env", []);
      expect(stdout).toContain("PATH=");
      expect(stdout).not.toMatch(/^(https|no)_proxy=/im);
    } finally {
      for (const name of Object.keys(proxies)) Reflect.deleteProperty(process.env, name);
    }
  });

  test("shares the unpacked images of the sets used last, and clears what an interrupted run left", async () => {
    const cache = join(folder, "cache");
    const sets = join(cache, "node-images");
    for (const [index, name] of ["oldest", "old", "newer"].entries()) {
      mkdirSync(join(sets, name), { recursive: true });
      utimesSync(join(sets, name), index, index);
    }
    const { DATALAB_CACHE: before } = process.env;
    process.env["DATALAB_CACHE"] = cache;
    try {
      const { signal } = new AbortController();
      await provideImages(images, join(folder, "containerd"), programs, signal);
      const kept = readdirSync(sets);
      expect(kept.toSorted()).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), "newer", "old"]);
      mkdirSync(join(sets, "tmp/half"), { recursive: true });
      await provideImages(images, join(folder, "containerd-again"), programs, signal);
      expect(readdirSync(sets)).toEqual(kept);
      expect(readdirSync(join(folder, "containerd-again"))).toEqual(readdirSync(join(folder, "containerd")));
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, "DATALAB_CACHE");
      else process.env["DATALAB_CACHE"] = before;
    }
  }, 120_000);

  test("leaves the machine as it is", async () => {
    expect(machineState()).toEqual(machine);
    await expect(fetch(`https://${node.address}:6443/`, { signal: AbortSignal.timeout(2000) })).rejects.toThrow();
  });

  test("is found running again, and leaves nothing when it is stopped", async () => {
    const again = await start("two", [{ ...kubelet, port: 1 }]);
    expect([again.reused, again.server, again.forwards]).toEqual([true, neighbour.server, [kubelet]]);
    // It wants TLS.
    expect((await fetch(`http://127.0.0.1:${String(kubelet.port)}/`)).status).toBe(400);
    expect(await nodeStatus(neighbour.folder)).toEqual({ state: "running", server: neighbour.server });
    const traces = tracesOf(neighbour.folder);
    expect(traces()).toEqual({ processes: expect.any(Number), cgroup: true, folder: true });
    await neighbour.stop();
    expect(traces()).toEqual({ processes: 0, cgroup: false, folder: false });
    expect(await nodeStatus(neighbour.folder)).toEqual({ state: "absent" });
  }, 60_000);

  test("says which of its programs has ended, and has ended altogether then", async () => {
    const traces = tracesOf(node.folder);
    // Not waited for: it may be ended with the node.
    node.spawn("sh", ["-c", "kill -9 $(grep -l ^kube-scheduler$ /proc/[0-9]*/comm | cut -d / -f 3)"]);
    await until(async () => (await nodeStatus(node.folder)).state !== "running");
    expect(await nodeStatus(node.folder)).toEqual({
      state: "broken",
      error: expect.stringMatching(/kube-scheduler has ended \((SIGKILL|137)\)/),
    });
    // It says so when all is over: only the supervisor stays, to be asked.
    expect(traces()).toEqual({ processes: 1, cgroup: false, folder: true });
  }, 60_000);

  test("leaves nothing when its owner is killed", async () => {
    const owned = join(folder, "owned");
    const owner = startOwner(
      owned,
      `await node.forward(node.address + ":10250");
      node.spawn("sleep", ["1000"], { where: "outside" });`,
    );
    expect(await firstLines(owner.stdout, 1)).toEqual(["running"]);
    const traces = tracesOf(owned);
    expect(traces().processes).toBeGreaterThan(10);
    owner.kill("SIGKILL");
    await until(() => !traces().folder);
    expect(traces()).toEqual({ processes: 0, cgroup: false, folder: false });
  }, 240_000);

  test.each(["pki/ca.key", "logs/etcd.log"])(
    "leaves nothing when its owner is killed while it starts, at %s",
    async (sign) => {
      const early = join(folder, "early");
      const owner = startOwner(early);
      await until(() => existsSync(join(early, sign)));
      owner.kill("SIGKILL");
      await until(() => processesOf(early).length === 0);
      expect(existsSync(early)).toBe(false);
    },
    120_000,
  );

  test("leaves nothing but its folder when its supervisor is killed, and starts anew there", async () => {
    const own = await start("killed");
    const { supervisor } = recordOf(own.folder);
    const traces = tracesOf(own.folder);
    process.kill(supervisor, "SIGKILL");
    await until(() => traces().processes === 0 && !traces().cgroup);
    expect((await nodeStatus(own.folder)).state).toBe("broken");
    const anew = await start("killed");
    expect(anew.reused).toBe(false);
    await anew.stop();
    expect(existsSync(own.folder)).toBe(false);
  }, 240_000);
});

describeNode("a machine that lacks something", () => {
  const lacking: [string, string, RegExp][] = [
    ["br_netfilter", "mount -t tmpfs tmpfs /proc/sys/net", /br_netfilter is not loaded/],
    [
      "control groups that can be written",
      "for each in $(find /sys/fs/cgroup -maxdepth 1 -type d); do mount --bind -o ro $each $each; done",
      /^Control groups cannot be made in .* read-only/,
    ],
    [
      "a file system for containers",
      `mount -t tmpfs tmpfs /mnt; mkdir /mnt/a /mnt/b /mnt/c /mnt/overlay
      mount -t overlay -o lowerdir=/mnt/a,upperdir=/mnt/b,workdir=/mnt/c overlay /mnt/overlay
      export DATALAB_CACHE=/mnt/overlay/not/yet`,
      /^\/mnt\/overlay lies on an overlay/,
    ],
  ];
  test.each(lacking)("is told so: %s", async (_, change, reason) => {
    const module = join(import.meta.dirname, "../../testbed/node/machine.ts");
    const code = `import { nodeObstacle } from ${JSON.stringify(module)}; console.log(nodeObstacle());`;
    // What is mounted there is seen there alone.
    const script = `${change}\nexec "$0" --input-type=module --eval "$1"`;
    const args = ["--mount", "sh", "-euc", script, process.execPath, code];
    expect((await promisify(execFile)("unshare", args)).stdout).toMatch(reason);
  });
});

/** What a node has of its own: kernel settings, names of hosts, mounts, network devices. */
function machineState(): readonly string[] {
  const settings = ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys"];
  const network = ["net/ipv4/ip_forward", "kernel/hostname"];
  const files = [...settings, ...network].map((name) => `/proc/sys/${name}`);
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return [
    ...[...files, "/etc/hosts"].map((file) => readFileSync(file, "utf8")),
    ...mounts.filter((mount) => /datalab-node|\/run\/node|node-images/.test(mount)),
    ...readdirSync("/sys/class/net").filter((name) => ["uplink", "pods"].includes(name)),
  ];
}

/** What is seen of a node on this machine, asked again at each call. */
function tracesOf(folder: string): () => { processes: number; cgroup: boolean; folder: boolean } {
  const { init } = recordOf(folder);
  const { cgroupRoot } = JSON.parse(readFileSync(join(folder, "kubelet.json"), "utf8")) as { cgroupRoot: string };
  const namespaces = ["mnt", "pid", "uts", "ipc", "net"].map((name) => readlinkSync(`/proc/${init}/ns/${name}`));
  const cgroups = ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`)];
  return () => ({
    processes: readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isOf(pid)).length,
    cgroup: cgroups.some((root) => existsSync(`${root}${cgroupRoot}`)),
    folder: existsSync(folder),
  });

  function isOf(pid: string): boolean {
    try {
      const inside = ["mnt", "pid", "uts", "ipc", "net"].some((name) =>
        namespaces.includes(readlinkSync(`/proc/${pid}/ns/${name}`)),
      );
      return inside || readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${folder}/`);
    } catch {
      return false; // It has ended meanwhile.
    }
  }
}

/** Those that name the folder on their command line. */
function processesOf(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${folder}/`);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}

function recordOf(folder: string): { readonly init: number; readonly supervisor: number } {
  return JSON.parse(readFileSync(join(folder, "node.json"), "utf8")) as ReturnType<typeof recordOf>;
}

function waitingFor(reason: string): string {
  return `--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=${reason}`;
}

async function firstLines(output: NodeJS.ReadableStream, count: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: output })) {
    lines.push(line);
    if (lines.length === count) break;
  }
  return lines;
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error("it did not happen within a minute");
    await sleep(50);
  }
}
