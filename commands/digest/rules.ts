/** What `--fail-on` refuses. */
import type { DataAtRisk } from "./sections/data.ts";
import type { Exposure } from "./sections/exposure.ts";
import type { Rights } from "./sections/rights.ts";
import type { Versions } from "./sections/versions.ts";

export const rules = ["data", "rights", "exposure", "retired", "unpinned"] as const;

export type Rule = (typeof rules)[number];

/** What each rule is about, for the help text and the page. */
export const ruleMeanings: Readonly<Record<Rule, string>> = {
  data: "data is at risk, and `platform.protectData: false` does not stand in the stack file",
  rights: "somebody may do more than before, or a wall is gone",
  exposure: "something opens to the outside, or a network policy goes",
  retired: "an image comes in that nobody maintains any more",
  unpinned: "an image comes in without a digest",
};

/** The rules that a change breaks, each with the number of its reasons. */
export function broken({ data, rights, exposure, versions, permitted }: Findings): Partial<Record<Rule, number>> {
  const counts: Record<Rule, number> = {
    data: permitted ? 0 : data.length,
    rights: rights.wider.length,
    exposure: exposure.opened.length + exposure.policiesGone.length,
    retired: versions.retired.length,
    unpinned: versions.unpinned.length,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** What the rules look at. */
export interface Findings {
  readonly data: readonly DataAtRisk[];
  readonly rights: Rights;
  readonly exposure: Exposure;
  readonly versions: Versions;
  /** Whether the stack file allows that data goes. */
  readonly permitted: boolean;
}
