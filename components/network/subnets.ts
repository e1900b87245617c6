/** Subnets of a new VPC, by zone. A zone's addresses depend on its letter alone, not on its neighbours. */
import { partOf } from "../aws/cidr.ts";

export interface ZonePlan {
  /** Full name. */
  readonly zone: string;
  /** Nodes and pods: an eighth of the VPC. */
  readonly privateCidr: string;
  /** Load balancer and NAT gateways: a sixty-fourth. */
  readonly publicCidr: string;
}

/** Letters a to f have an eighth each; the last eighth is cut up for the public subnets. */
export function zonePlans(cidr: string, zones: readonly string[]): ZonePlan[] {
  const lastEighth = partOf(cidr, 3, 7);
  return zones.toSorted().map((zone) => {
    const letter = (zone.codePointAt(zone.length - 1) ?? 0) - ("a".codePointAt(0) ?? 0);
    return { zone, privateCidr: partOf(cidr, 3, letter), publicCidr: partOf(lastEighth, 3, letter) };
  });
}

/** Tags by which Kubernetes' load balancer controllers find the subnets for their own ones. */
export const publicSubnetTags = { "kubernetes.io/role/elb": "1" } as const;
export const privateSubnetTags = { "kubernetes.io/role/internal-elb": "1" } as const;

/** Every destination that no other route knows. */
export const everywhere = "0.0.0.0/0";
