/**
 * Objects whose names are the same in every stack, and which lie in no namespace: what two stacks on one cluster, or
 * this one and somebody else, would both want. Namespaced objects go by their namespace.
 */
import { groupOf, type ObjectKey } from "../components/kubernetes/object-key.ts";
import type { Charts } from "./charts.ts";
import type { Plan } from "./plan.ts";

/** Every such object that a stack makes. Custom resources are not among them. */
export function fixedObjects({ clusterObjects }: Pick<Plan, "clusterObjects">, charts: Charts): ObjectKey[] {
  return [
    ...clusterObjects,
    ...(charts.certManager?.objects ?? [])
      .filter(({ metadata }) => metadata.namespace === undefined)
      .map(({ apiVersion, kind, metadata }) => ({
        group: groupOf(apiVersion),
        kind,
        name: metadata.name,
      })),
  ];
}
