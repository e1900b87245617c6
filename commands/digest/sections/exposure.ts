/** What opens and closes: hosts, load balancers, networks, NetworkPolicies. The difference, not the list. */
import type { Difference } from "../change.ts";
import type { Block, Section } from "../page.ts";
import { group } from "./group.ts";
import { isPublic, openingsIn } from "./openings.ts";

export interface Exposure {
  /** Ways from outside that are new. */
  readonly opened: readonly string[];
  readonly closed: readonly string[];
  /** Ways between pods. */
  readonly inside: { readonly opened: readonly string[]; readonly closed: readonly string[] };
  /** NetworkPolicies that go although their namespace stays. */
  readonly policiesGone: readonly string[];
}

export function exposureOf({ before, after, changes }: Difference): Exposure {
  const [old, next] = [openingsIn(before), openingsIn(after)];
  const opened = [...next].filter((way) => !old.has(way)).toSorted();
  const closed = [...old].filter((way) => !next.has(way)).toSorted();
  const stays = (namespace: string) =>
    [...after.values()].some(({ inputs }) =>
      JSON.stringify(inputs["metadata"] ?? {}).includes(`"namespace":"${namespace}"`),
    );
  return {
    opened: opened.filter(isPublic),
    closed: closed.filter(isPublic),
    inside: {
      opened: opened.filter((way) => !isPublic(way)),
      closed: closed.filter((way) => !isPublic(way)),
    },
    policiesGone: changes
      .filter(
        ({ fate, type, label }) => fate === "removed" && type.endsWith(":NetworkPolicy") && stays(namespaceOf(label)),
      )
      .map(({ label }) => label),
  };
}

/** That of a label such as `NetworkPolicy portal/web`. */
function namespaceOf(label: string): string {
  return /^\S+ ([^/]+)\//.exec(label)?.[1] ?? "";
}

export function exposureSection({ opened, closed, inside, policiesGone }: Exposure): Section {
  const blocks: Block[] = [
    ...group("Opens to the outside:", opened, "+"),
    ...group("Closes to the outside:", closed, "−"),
    ...group("Opens between pods:", inside.opened, "+"),
    ...group("Closes between pods:", inside.closed, "−"),
    ...group("Policies that no longer stand in the way, in a namespace that stays:", policiesGone, "!"),
  ];
  return {
    id: "exposure",
    title: "What opens, what closes",
    blocks,
    nothing: ["nothing opens or closes (hosts, ports, network policies)"],
  };
}
