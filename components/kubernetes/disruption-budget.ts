import type * as k8s from "@pulumi/kubernetes";

import { labelsFor, selectorFor } from "./labels.ts";

/** One pod of the workload at a time may be taken away when nodes are drained. */
export function disruptionBudget(namespace: string, workload: string): k8s.policy.v1.PodDisruptionBudgetArgs {
  return {
    metadata: { name: workload, namespace, labels: labelsFor(workload) },
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorFor(workload) } },
  };
}
