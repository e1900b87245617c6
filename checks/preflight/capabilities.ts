/** What a cluster must be able to do before the platform can run on it. */
import type { Kubectl } from "../kubectl/kubectl.ts";
import { setCommand } from "../../stacks/settings/config-commands.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import { hostPortObstacles, type NodeOfTheCluster, type PodOfTheCluster, takesHostPorts } from "./host-ports.ts";
import { loadBalancerNotes, nodePortObstacles, portObstacles, type ServiceOfTheCluster } from "./load-balancer.ts";
import { type AnnotatedNode, type DaemonSetOfTheCluster, networkPolicyNotes } from "./network-policies.ts";
import type { Obstacle } from "./problem.ts";
import { type ServerVersion, versionNotes, versionObstacles } from "./version.ts";

/** As the API server gives it. */
export interface StorageClass {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** Whether claims that name none get this one. */
export function isDefaultClass({ metadata }: StorageClass): boolean {
  return metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
}

/** What a cluster lacks, and what may be too little and may do. */
export interface Capabilities {
  readonly obstacles: readonly Obstacle[];
  readonly notes: readonly string[];
}

/** Asks for the storage classes, the Services, the network's programs and the account's rights. */
export async function capabilities(
  settings: Settings,
  kubectl: Kubectl,
  { stack, version }: { readonly stack: string; readonly version: ServerVersion },
): Promise<Capabilities> {
  const { ingress } = settings;
  const [{ items: classes }, { items: services }, rights, network] = await Promise.all([
    kubectl.get<{ items: StorageClass[] }>("/apis/storage.k8s.io/v1/storageclasses"),
    kubectl.get<{ items: ServiceOfTheCluster[] }>("/api/v1/services"),
    rightsNotes(kubectl),
    networkNotes(kubectl, stack, version),
  ]);
  return {
    obstacles: [
      ...versionObstacles(version),
      ...storageObstacles(settings, classes),
      ...portObstacles(ingress, services, version.gitVersion),
      ...nodePortObstacles(ingress, services),
      ...(await heldPorts(settings, kubectl)),
    ],
    notes: [...versionNotes(version), ...loadBalancerNotes(ingress, services), ...network, ...rights],
  };
}

async function networkNotes(kubectl: Kubectl, stack: string, { gitVersion }: ServerVersion): Promise<string[]> {
  const [daemonSets, nodes] = await Promise.all([
    kubectl.get<{ items: DaemonSetOfTheCluster[] }>("/apis/apps/v1/daemonsets"),
    kubectl.get<{ items: AnnotatedNode[] }>("/api/v1/nodes"),
  ]);
  return networkPolicyNotes(stack, gitVersion, daemonSets.items, nodes.items);
}

async function heldPorts({ ingress }: Settings, kubectl: Kubectl): Promise<Obstacle[]> {
  if (!takesHostPorts(ingress)) return [];
  const [pods, nodes] = await Promise.all([
    kubectl.get<{ items: PodOfTheCluster[] }>("/api/v1/pods"),
    kubectl.get<{ items: NodeOfTheCluster[] }>("/api/v1/nodes"),
  ]);
  return hostPortObstacles(ingress, pods.items, nodes.items);
}

/** Volumes need a class: the one that is named, or the cluster's default. */
export function storageObstacles({ identity, objectStore }: Settings, classes: readonly StorageClass[]): Obstacle[] {
  const names = classes.map(({ metadata }) => metadata.name);
  const hasDefault = classes.some(isDefaultClass);
  const wanted = [
    { path: ["identity", "database", "storage", "storageClass"], name: identity.database.storage.storageClass },
    ...(objectStore.kind === "minio"
      ? [{ path: ["objectStore", "volume", "storageClass"], name: objectStore.volume.storageClass }]
      : []),
  ];
  return wanted.flatMap(({ path, name }) => {
    if (name === undefined ? hasDefault : names.includes(name)) return [];
    const there = names.length === 0 ? "The cluster has none." : `The cluster has ${names.join(", ")}.`;
    const message =
      name === undefined
        ? `The cluster has no default StorageClass, and ${path.slice(0, 2).join(".")} names none. ${there}`
        : `StorageClass ${name} (${path.join(".")}) does not exist. ${there}`;
    return [{ message, cures: [setCommand(path, names[0] ?? "<StorageClass>")] }];
  });
}

/** An account can hold each right that is needed without holding all there are. */
async function rightsNotes(kubectl: Pick<Kubectl, "mayEverything">): Promise<string[]> {
  if (await kubectl.mayEverything()) return [];
  return [
    "The kubeconfig's account may not do everything in the cluster. The platform makes namespaces, roles, policies of admission and CustomResourceDefinitions; with the ClusterRole cluster-admin nothing is missing.",
  ];
}
