/** Room for the platform's own pods: on nodes that stay, and that take every pod. */
import { capacityOf } from "../aws/instances.ts";

/** What of a node group decides whether the platform's own pods have room there. */
interface NodeGroup {
  readonly capacity: "onDemand" | "spot";
  readonly taints: readonly { readonly effect: string }[];
  readonly min: number;
  readonly instanceTypes: readonly string[];
}

/** What the platform's own pods need at least, add-ons included. */
export const platformNeeds = { cpus: 4, memory: 12 } as const;

/** Whether the platform's own parts may run there. */
export function isPlatformGroup({ capacity, taints }: NodeGroup): boolean {
  return capacity === "onDemand" && taints.every(({ effect }) => effect === "PreferNoSchedule");
}

/** Groups that the platform's own parts may run on, by name. */
export function platformGroupsOf(groups: Readonly<Record<string, NodeGroup>>): (readonly [string, NodeGroup])[] {
  return Object.entries(groups).filter(([, group]) => isPlatformGroup(group));
}

/** What the platform can count on: the fewest nodes of the smallest types. */
export function roomOf(groups: Readonly<Record<string, NodeGroup>>): { cpus: number; memory: number } {
  const counted = platformGroupsOf(groups).map(([, { min, instanceTypes }]) => {
    const capacities = instanceTypes.map((type) => capacityOf(type) ?? { cpus: 0, memory: 0 });
    const least = (of: "cpus" | "memory") => min * Math.min(...capacities.map((capacity) => capacity[of]));
    return { cpus: least("cpus"), memory: least("memory") };
  });
  const sum = (of: "cpus" | "memory") => counted.reduce((total, capacity) => total + capacity[of], 0);
  return { cpus: sum("cpus"), memory: sum("memory") };
}
