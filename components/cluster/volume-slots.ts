/**
 * Slots of a machine that network interfaces take from volumes. The driver of volumes asks the machine's metadata, which pods
 * do not reach here, and takes one interface for granted: it would promise volumes that AWS cannot attach.
 * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/pkg/driver/node.go `getVolumesLimit`
 */
import type { NodeGroupSettings } from "./eks-settings.ts";

/**
 * From the seventh generation on, volumes have slots of their own.
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-limits.html
 */
const ownSlotsFrom = 7;

/**
 * Most interfaces of the sizes, in all families that nodes may be of.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
 */
const interfaces = [
  { upTo: 0.5, count: 3 },
  { upTo: 2, count: 4 },
  { upTo: 12, count: 8 },
  { upTo: Infinity, count: 15 },
] as const;

/** Slots that the driver leaves on every node; undefined where it counts right by itself. */
export function reservedSlots(nodeGroups: Readonly<Record<string, Pick<NodeGroupSettings, "instanceTypes">>>) {
  const types = Object.values(nodeGroups).flatMap(({ instanceTypes }) => instanceTypes);
  const counts = types.filter(sharesSlots).map(interfacesOf);
  // One for the machine's own disk, and one less: the driver takes the first interface into account.
  return counts.length === 0 ? undefined : Math.max(...counts);
}

function sharesSlots(instanceType: string): boolean {
  const [, generation = ""] = /^[a-z]+(\d+)/.exec(instanceType) ?? [];
  return Number(generation) < ownSlotsFrom;
}

function interfacesOf(instanceType: string): number {
  const [, multiple] = /\.(\d*)xlarge$/.exec(instanceType) ?? [];
  const size = multiple === undefined ? 0.5 : Number(multiple || 1);
  return interfaces.find(({ upTo }) => size <= upTo)?.count ?? 15;
}
