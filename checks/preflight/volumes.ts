/** What Kubernetes never changes of a volume's template, told before the API server refuses it. */
import { deletionPolicyName } from "../../components/data-protection/deletion-policy.ts";
import type { DataVolume } from "../../components/part.ts";
import { bytesOf } from "../../components/scalars.ts";
import type { Kubectl } from "../kubectl/kubectl.ts";
import { removeCommand, setCommand } from "../../stacks/settings/config-commands.ts";
import type { Plan } from "../../stacks/plan.ts";
import type { Obstacle } from "./problem.ts";

/** As the API server gives it. */
export interface StatefulSetOfTheCluster {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly replicas?: number;
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: {
        readonly storageClassName?: string;
        readonly resources?: { readonly requests?: { readonly storage?: string } };
      };
    }[];
  };
}

/** A volume that the settings describe, and where it is. */
interface Volume extends DataVolume {
  readonly namespace: string;
}

function volumesOf({ running }: Pick<Plan, "running">): Volume[] {
  return running.flatMap(({ namespace, data = [] }) => data.map((volume) => ({ namespace, ...volume })));
}

/** Asks for the StatefulSets of the namespaces that hold data. */
export async function volumes(plan: Plan, kubectl: Pick<Kubectl, "get">, stack: string): Promise<Obstacle[]> {
  const wanted = volumesOf(plan);
  const found = await Promise.all(
    wanted.map(({ namespace }) =>
      kubectl.get<{ items: StatefulSetOfTheCluster[] }>(`/apis/apps/v1/namespaces/${namespace}/statefulsets`),
    ),
  );
  return volumeObstacles(
    plan,
    found.flatMap(({ items }) => items),
    stack,
  );
}

/** @param stack Its name, for the commands. */
export function volumeObstacles(plan: Plan, live: readonly StatefulSetOfTheCluster[], stack: string): Obstacle[] {
  const guarded = plan.platform.protectData;
  return volumesOf(plan).flatMap((volume) => {
    const found = live.find(
      ({ metadata }) => metadata.name === volume.statefulSet && metadata.namespace === volume.namespace,
    );
    const [template] = found?.spec.volumeClaimTemplates ?? [];
    if (template === undefined) return [];
    const { storageClassName, resources } = template.spec;
    const size = resources?.requests?.storage;
    return [
      ...(storageClassName === volume.storageClass ? [] : [classObstacle(volume, storageClassName)]),
      ...(size === undefined || bytesOf(size) === bytesOf(volume.size)
        ? []
        : [sizeObstacle(volume, size, { claims: claimsOf(found, template.metadata.name), guarded, stack })]),
    ];
  });
}

function claimsOf(found: StatefulSetOfTheCluster | undefined, template: string): string[] {
  const { replicas = 1 } = found?.spec ?? {};
  return Array.from({ length: replicas }, (_, index) => `${template}-${found?.metadata.name ?? ""}-${index}`);
}

const kept = "Kubernetes keeps the template of its volumes as it was made";

interface Way {
  readonly claims: readonly string[];
  /** Whether the rule that guards data is in force. */
  readonly guarded: boolean;
  readonly stack: string;
}

function sizeObstacle(volume: Volume, size: string, { claims, guarded, stack }: Way): Obstacle {
  const { name, setting: path, namespace, statefulSet } = volume;
  const setting = [...path, "size"];
  const message = `The volume of ${name} was made with ${size}, and ${setting.join(".")} is ${volume.size}: ${kept}.`;
  const back = setCommand(setting, size);
  if (bytesOf(volume.size) < bytesOf(size)) return { message: `${message} No volume becomes smaller.`, cures: [back] };
  const patch = JSON.stringify({ spec: { resources: { requests: { storage: volume.size } } } });
  const kubectl = `kubectl --namespace ${namespace}`;
  return {
    message,
    cures: [
      "To make it larger, where its StorageClass allows that; the data stays, and so do the pods that run:",
      ...claims.map((claim) => `  ${kubectl} patch persistentvolumeclaim ${claim} --patch '${patch}'`),
      // The API server takes a moment to know that the rule has gone.
      ...(guarded
        ? [
            `  kubectl delete validatingadmissionpolicybinding ${deletionPolicyName} && sleep 5   # the next up makes it again`,
          ]
        : []),
      `  ${kubectl} delete statefulset ${statefulSet} --cascade=orphan`,
      `  pulumi refresh --yes --stack ${stack}`,
      `  pulumi up --stack ${stack}`,
      "Or leave it as it is:",
      `  ${back}`,
    ],
  };
}

function classObstacle({ name, setting: path, storageClass }: Volume, live: string | undefined): Obstacle {
  const setting = [...path, "storageClass"];
  const message = `The volume of ${name} was made ${live === undefined ? "with the cluster's default StorageClass" : `with StorageClass ${live}`}, and ${setting.join(".")} ${storageClass === undefined ? "is absent" : `is ${storageClass}`}: ${kept}.`;
  return { message, cures: [live === undefined ? removeCommand(setting) : setCommand(setting, live)] };
}
