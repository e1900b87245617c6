import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ApiAccess } from "./api-client.ts";
import { lateControllerManager } from "./late-start.ts";
import { notePid, readPids } from "./pids.ts";
import { freePorts } from "./ports.ts";
import { belongsTo, endProcesses } from "./processes.ts";
import type { ControlPlaneTools } from "./tools.ts";

const name = "kwok";

/** The Unix socket, seen from the working directory of the API server, through which it reaches Services. */
export const egressSocket = "egress.sock";

export interface KwokClusterOptions {
  readonly tools: ControlPlaneTools;
  /** Minor version of Kubernetes to emulate. */
  readonly emulatedVersion: string | undefined;
}

/**
 * Creates etcd, the API server, the controllers, the scheduler and kwok in `folder` by kwokctl's binary runtime, and
 * returns when the API server answers. Nothing is downloaded, and nothing is written outside the folder.
 */
export async function createKwokCluster(
  folder: string,
  { tools, emulatedVersion }: KwokClusterOptions,
): Promise<ApiAccess> {
  const ports = await freePorts(6);
  const apiPort = ports[0] ?? 0;
  const egress = join(folder, "egress.json");
  await mkdir(join(folder, "kwok"), { recursive: true, mode: 0o700 });
  await writeFile(egress, JSON.stringify(egressConfiguration(folder), null, 2));
  const programs = { ...tools, kubeControllerManager: await lateControllerManager(folder, tools) };
  const stages = await readFile(join(import.meta.dirname, "stages.yaml"), "utf8");
  const configuration = join(folder, "kwok.yaml");
  await writeFile(
    configuration,
    `${JSON.stringify(kwokctlConfiguration(programs, ports, egress, emulatedVersion), null, 2)}\n---\n${stages}`,
  );
  const environment = Object.entries(process.env).filter(([key]) => !key.startsWith("KWOK_"));
  const running = promisify(execFile)(
    tools.kwokctl,
    // Without `--kubeconfig ""` it would add itself to the user's own kubeconfig.
    ["create", "cluster", "--name", name, "--config", configuration, "--kubeconfig", "", "--timeout", "120s"],
    {
      env: {
        ...Object.fromEntries(environment),
        KWOK_WORKDIR: join(folder, "kwok"),
        KUBECACHEDIR: join(folder, "kube-cache"),
      },
      timeout: 150_000,
    },
  );
  if (running.child.pid !== undefined) await notePid(folder, "kwokctl", running.child.pid);
  console.log((await running).stderr);
  for (const [component, pid] of await kwokProcesses(folder)) {
    if (!belongsTo(folder, pid)) throw new Error(`${component} ended at once, see its log`);
  }
  const pki = join(folder, "kwok/clusters", name, "pki");
  return {
    server: `https://127.0.0.1:${apiPort}`,
    caFile: join(pki, "ca.crt"),
    certificateFile: join(pki, "admin.crt"),
    keyFile: join(pki, "admin.key"),
  };
}

/** The process ids of the components, as kwokctl has written them down; empty where there is no cluster. */
export function kwokProcesses(folder: string): Promise<ReadonlyMap<string, number>> {
  return readPids(join(folder, "kwok/clusters", name, "pids"));
}

/** The last lines of each component's log. */
export async function kwokLogs(folder: string): Promise<string> {
  const home = join(folder, "kwok/clusters", name, "logs");
  const logs = await readdir(home).catch(() => []);
  const ends = logs.map(async (log) => {
    const lines = (await readFile(join(home, log), "utf8")).trimEnd().split("\n");
    return [`${log}:`, ...lines.slice(-3)].join("\n");
  });
  return (await Promise.all(ends)).join("\n");
}

/** Ends the components and removes what they have written. */
export async function removeKwokCluster(folder: string): Promise<void> {
  await endProcesses(folder, [...(await kwokProcesses(folder)).values()]);
  // A process that has just been killed may have left a file half created.
  for (const made of ["kwok", "late"]) {
    await rm(join(folder, made), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

function kwokctlConfiguration(
  tools: ControlPlaneTools,
  ports: readonly number[],
  egress: string,
  emulatedVersion: string | undefined,
): object {
  const [kubeApiserverPort, kubeControllerManagerPort, kubeSchedulerPort, kwokControllerPort, etcdPort, etcdPeerPort] =
    ports;
  const argument = (key: string, value: string, override = false) => ({ key, value, override });
  const version = emulatedVersion === undefined ? [] : [argument("emulated-version", `kube=${emulatedVersion}`)];
  return {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      bindAddress: "127.0.0.1",
      kubeApiserverPort,
      kubeControllerManagerPort,
      kubeSchedulerPort,
      kwokControllerPort,
      etcdPort,
      etcdPeerPort,
      // Should another control plane win the race for our etcd port, its objects stay out of sight.
      etcdPrefix: `/registry-${etcdPort ?? 0}-${process.pid}`,
      disableQPSLimits: true,
      kubeApiserverBinary: tools.kubeApiserver,
      kubeControllerManagerBinary: tools.kubeControllerManager,
      kubeSchedulerBinary: tools.kubeScheduler,
      kubectlBinary: tools.kubectl,
      kwokControllerBinary: tools.kwok,
      etcdBinary: tools.etcd,
    },
    componentsPatches: [
      // Throw-away data: no reason to wait for the disk.
      { name: "etcd", extraArgs: [argument("unsafe-no-fsync", "true"), argument("log-level", "warn")] },
      {
        name: "kube-apiserver",
        extraArgs: [
          argument("egress-selector-config-file", egress),
          // The address under which pods would reach it; a loopback one is refused, and nothing ever connects to this
          // one.
          argument("advertise-address", "192.0.2.1"),
          argument("service-cluster-ip-range", "10.96.0.0/16"),
          ...version,
        ],
      },
      {
        name: "kube-controller-manager",
        extraArgs: [argument("leader-elect", "false"), argument("concurrent-gc-syncs", "5"), ...version],
      },
      { name: "kube-scheduler", extraArgs: [argument("leader-elect", "false"), ...version] },
    ],
  };
}

function egressConfiguration(folder: string): object {
  return {
    apiVersion: "apiserver.k8s.io/v1beta1",
    kind: "EgressSelectorConfiguration",
    egressSelections: [
      {
        name: "cluster",
        connection: {
          proxyProtocol: "HTTPConnect",
          transport: { uds: { udsName: join(folder, egressSocket) } },
        },
      },
    ],
  };
}
