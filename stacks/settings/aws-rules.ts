/** Rules for what AWS and Let's Encrypt would refuse late, or leave Pending for good. */
import { platformGroupsOf } from "../../components/cluster/platform-room.ts";
import type { ClusterSettings } from "../../components/cluster/settings.ts";
import { isPrivateName } from "../../components/dns/private-names.ts";
import { hostsOf } from "../../components/names.ts";
import { ask, by, or, set } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schemas.ts";

/** A volume stays in its zone: the database could wait for ever for a node there. */
export function zoneProblems(cluster: ClusterSettings): Problem[] {
  if (cluster.kind !== "eks") return [];
  const { network, nodeGroups } = cluster;
  const zones = network.kind === "new" ? network.zones.length : network.privateSubnetIds.length;
  const [largest] = platformGroupsOf(nodeGroups).toSorted(([, a], [, b]) => b.min - a.min);
  // Without such a group there is no room for the platform at all, which is said elsewhere.
  if (largest === undefined || largest[1].min >= zones) return [];
  const path = ["cluster", "nodeGroups", largest[0], "min"];
  const reason = `leaves one of ${zones} zones without a node for the platform: a volume stays in its zone, and its pod would wait`;
  return [broken(path, reason, by(set(path, zones)))];
}

/** No public authority vouches for such names, and no record of them can be asked for. */
export function privateNameProblems({
  platform,
  certificates,
}: Pick<ParsedSettings, "platform" | "certificates">): Problem[] {
  if (certificates.issuer !== "letsencrypt") return [];
  const { domain, services } = hostsOf(platform);
  const own = or("with an authority of your own", set(["certificates", "issuer"], "privateCa"));
  return [
    { path: ["platform", "domain"], name: domain },
    ...(platform.servicesDomain === undefined ? [] : [{ path: ["platform", "servicesDomain"], name: services }]),
  ]
    .filter(({ name }) => isPrivateName(name))
    .map(({ path, name }) => {
      const reason = `is ${name}, a name of private networks alone: Let's Encrypt gives no certificate for it`;
      return broken(path, reason, by(ask(path, "public domain")), own);
    });
}
