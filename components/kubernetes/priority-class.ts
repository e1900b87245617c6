import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "./labels.ts";

/** PriorityClass of every pod of the platform. */
export const platformPriority = "datalab-platform";

/**
 * Above every pod that says nothing (0), far below what the cluster itself needs (from 2000000000 on). No default:
 * users' pods would have it.
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
export function platformPriorityClass(): k8s.scheduling.v1.PriorityClassArgs {
  return {
    metadata: { name: platformPriority, labels: labelsFor(platformPriority) },
    value: 1_000_000,
    globalDefault: false,
    description: "The platform's own pods: on a full node they go before users' services.",
  };
}
