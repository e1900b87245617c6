/** Whether all pods of a workload run the version that was declared last. */
import type { Condition } from "../../../checks/kubectl/pods.ts";

/** What a Deployment or StatefulSet says of itself. */
export interface WorkloadObject {
  readonly metadata: { readonly generation?: number };
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    /** Of Deployments alone. */
    readonly conditions?: readonly Condition[];
    /** Of StatefulSets alone. */
    readonly currentRevision?: string;
    readonly updateRevision?: string;
  };
}

/** Ready pods alone do not tell: those of the version before stay until the new ones are ready. */
export function rolloutOf({ metadata, spec, status }: WorkloadObject): "complete" | "running" | "stuck" {
  const given = status.conditions?.find(({ type }) => type === "Progressing");
  if (given?.status === "False") return "stuck";
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (observedGeneration < (metadata.generation ?? 0)) return "running";
  if (status.updateRevision !== status.currentRevision) return "running";
  const wanted = spec.replicas ?? 1;
  // A StatefulSet without an update counts none.
  if (status.updateRevision !== undefined) return "complete";
  return updatedReplicas < wanted || replicas > updatedReplicas || availableReplicas < updatedReplicas
    ? "running"
    : "complete";
}
