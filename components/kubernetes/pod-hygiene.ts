/** What every pod of the platform has in common: it runs as a plain user, can gain nothing, and goes before users' pods. */
import { platformPriority } from "./priority-class.ts";

/** Security context of a pod, on level `restricted`. */
export function podSecurityContext(user: number, group: number = user) {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: group,
    fsGroup: group,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** What a pod of the platform says of itself beside its containers. */
export function platformPod(user: number, group?: number) {
  return {
    priorityClassName: platformPriority,
    // Addresses of all Services of the namespace as variables: names go by DNS, and some programs read theirs by mistake.
    // MinIO's servers compare their environments, in which these would differ.
    enableServiceLinks: false,
    securityContext: podSecurityContext(user, group),
  };
}

/** Security context of a container: it writes into its volumes alone. */
export function containerSecurityContext() {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
  };
}

/** Requests and limits of a container, as Kubernetes quantities. */
export interface Resources {
  /** @example "250m" */
  readonly cpu: string;
  /** Requested and limited alike, so that a pod is never killed for memory that it was promised. @example "512Mi" */
  readonly memory: string;
}

/** CPU is requested, not limited (a limit throttles an idle node); memory is both. */
export function containerResources({ cpu, memory }: Resources) {
  return { requests: { cpu, memory }, limits: { memory } };
}

/** What a container of the platform says of itself beside its program. */
export function platformContainer(resources: Resources) {
  return {
    resources: containerResources(resources),
    securityContext: containerSecurityContext(),
    // The end of the log of one that failed stands in the pod's status, where `kubectl describe` and the doctor see it.
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}
