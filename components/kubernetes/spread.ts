import { selectorFor } from "./labels.ts";

/**
 * Keeps the pods of a workload on different nodes, and in different zones, where that is possible.
 *
 * Zones are no second spread constraint: the scheduler gives no points at all to a node that lacks one of the labels, so that
 * a cluster without zones would lose the spread over nodes too.
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#conventions
 */
export function spread(workload: string) {
  const labelSelector = { matchLabels: selectorFor(workload) };
  return {
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector },
    ],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey: "topology.kubernetes.io/zone", labelSelector } },
        ],
      },
    },
  };
}
