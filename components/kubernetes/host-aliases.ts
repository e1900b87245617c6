import type * as pulumi from "@pulumi/pulumi";

import type { PublicHostAccess } from "../contracts.ts";

/**
 * Sends pods that call a public host straight to the ingress controller's Service. The way over the load balancer
 * (hairpin) does not work on every network, and in a test cluster the names are in no DNS.
 */
export function hostAliases(
  access: PublicHostAccess,
  ...hostnames: readonly string[]
): { ip: pulumi.Output<string>; hostnames: string[] }[] {
  return access.clusterIp === undefined ? [] : [{ ip: access.clusterIp, hostnames: [...hostnames] }];
}
