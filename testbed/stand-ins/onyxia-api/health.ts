/** How a service's pods and controllers are doing. */
import type { Json } from "./fields.ts";
import type { Kubernetes, KubernetesObject } from "./kubernetes.ts";

/** A pod of a service. */
export interface Task {
  readonly id: string;
  readonly status: { readonly status: string; readonly reason: string | null };
  readonly containers: readonly { readonly name: string; readonly ready: boolean }[];
}

export interface HealthCheck {
  readonly healthy: boolean;
  readonly name: string;
  readonly kind: string;
  readonly details: { readonly desired: number; readonly ready: number };
}

interface PodStatus {
  readonly phase: string;
  readonly containerStatuses?: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly state: { readonly waiting?: { readonly reason: string } };
  }[];
}

/** The pods that carry the release's name in their label. */
export async function tasksOf(kubernetes: Kubernetes, namespace: string, release: string): Promise<Task[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/instance=${release}`);
  const pods = await kubernetes.list(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  return pods.map((pod) => {
    const { phase, containerStatuses = [] } = pod["status"] as PodStatus;
    const waiting = containerStatuses.find(({ state }) => state.waiting !== undefined);
    return {
      id: pod.metadata.name,
      status: { status: phase, reason: waiting?.state.waiting?.reason ?? null },
      containers: containerStatuses.map(({ name, ready }) => ({ name, ready })),
    };
  });
}

const plurals: Readonly<Record<string, string>> = {
  Deployment: "deployments",
  StatefulSet: "statefulsets",
  DaemonSet: "daemonsets",
};

/** The controllers among a release's objects; one that cannot be read counts as none of none. */
export async function controllersOf(
  kubernetes: Kubernetes,
  namespace: string,
  objects: readonly Json[],
): Promise<HealthCheck[]> {
  const checks = objects.map(async (object): Promise<HealthCheck[]> => {
    const { kind, metadata } = object as unknown as KubernetesObject;
    const plural = plurals[kind];
    if (plural === undefined) return [];
    const path = `/apis/apps/v1/namespaces/${namespace}/${plural}/${metadata.name}`;
    const found = await kubernetes.get(path).catch(() => null);
    if (found === undefined) return [];
    const { spec, status } = (found ?? {}) as Readonly<Record<string, Readonly<Record<string, number>> | undefined>>;
    const details =
      kind === "DaemonSet"
        ? { desired: status?.["desiredNumberScheduled"] ?? 0, ready: status?.["numberReady"] ?? 0 }
        : { desired: spec?.["replicas"] ?? 0, ready: status?.["readyReplicas"] ?? 0 };
    return [{ name: metadata.name, kind, details, healthy: details.ready >= details.desired }];
  });
  return (await Promise.all(checks)).flat();
}
