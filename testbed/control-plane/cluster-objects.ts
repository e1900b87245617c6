import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type ApiAccess, type ApiClient } from "./api-client.ts";

/** The context of every kubeconfig of the test bed. */
export const contextName = "datalab-bench";

/**
 * Waits until the API server is ready, gives the cluster nodes and a default storage class, and waits until the nodes
 * are Ready.
 */
export async function furnishCluster(api: ApiClient, signal: AbortSignal): Promise<void> {
  await until("the API server", signal, async () => (await api.get("/readyz")) === "ok");
  await Promise.all([
    api.create("/apis/storage.k8s.io/v1/storageclasses", storageClass),
    ...["a", "b", "c"].map((zone, index) => api.create("/api/v1/nodes", node(zone, index))),
  ]);
  await until("its nodes", signal, async () => {
    const nodes = (await api.get("/api/v1/nodes")) as { items: { status?: { conditions?: Condition[] } }[] };
    return nodes.items.every(({ status }) =>
      status?.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
    );
  });
  // The controllers make it; before it is there, no pod is admitted to the namespace.
  await until("the controllers", signal, async () => {
    await api.get("/api/v1/namespaces/default/serviceaccounts/default");
    return true;
  });
}

/** One self-contained file, so that it can be copied elsewhere. */
export async function writeKubeconfig(file: string, access: ApiAccess): Promise<void> {
  const base64 = async (path: string) => (await readFile(path)).toString("base64");
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": contextName,
    contexts: [{ name: contextName, context: { cluster: contextName, user: "admin" } }],
    clusters: [
      {
        name: contextName,
        cluster: { server: access.server, "certificate-authority-data": await base64(access.caFile) },
      },
    ],
    users: [
      {
        name: "admin",
        user: {
          "client-certificate-data": await base64(access.certificateFile),
          "client-key-data": await base64(access.keyFile),
        },
      },
    ],
  };
  await writeFile(file, `${JSON.stringify(kubeconfig, null, 2)}\n`, { mode: 0o600 });
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  // Answered by a Stage, see stages.yaml.
  provisioner: "bench.datalab/simulated",
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
};

function node(zone: string, index: number): object {
  const name = `node-${zone}`;
  const resources = { cpu: "16", memory: "64Gi", pods: "250", "ephemeral-storage": "500Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": "bench",
        "topology.kubernetes.io/zone": `bench-${zone}`,
      },
    },
    spec: { podCIDR: `10.244.${index}.0/24`, podCIDRs: [`10.244.${index}.0/24`] },
    status: { allocatable: resources, capacity: resources },
  };
}

async function until(what: string, signal: AbortSignal, done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  let last = "not ready";
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    try {
      if (await done()) return;
    } catch (error) {
      // Not there yet, or the connection is refused because it has ended; which of the two shows in the end.
      if (error instanceof ApiError && error.status === 403) throw error;
      last = String(error);
    }
    await sleep(50);
  }
  throw new Error(`${what} did not become ready within 60 s: ${last}`);
}
