/** Everything that a digest tells, as data: `--json` prints it, the page is made from it. */
import { dataLosses } from "../flip/data.ts";
import { movesOf } from "../flip/moves.ts";
import type { StackConfig } from "../stack-file/stack-file.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { Causes } from "./causes.ts";
import type { Change, Difference } from "./change.ts";
import type { Graph } from "./graph.ts";
import type { Picture } from "./page.ts";
import { broken, type Rule } from "./rules.ts";
import { changedSettings, type ChangedSetting } from "./settings-difference.ts";
import { type Capacity, capacityIn, type Fit, fitOf } from "./sections/capacity.ts";
import { type DataAtRisk, dataAtRisk } from "./sections/data.ts";
import { type Exposure, exposureOf } from "./sections/exposure.ts";
import { type PartChange, partChanges } from "./sections/parts.ts";
import { pictureOf } from "./sections/picture.ts";
import { billOf, dearerBy, knownSum } from "./sections/price.ts";
import { type Rights, rightsOf } from "./sections/rights.ts";
import { type TouchedSecret, touchedSecrets } from "./sections/secrets.ts";
import { type Unknowns, unknownsOf } from "./sections/unknowns.ts";
import { type Versions, versionsOf } from "./sections/versions.ts";

/** One side of the comparison. */
export interface Side {
  /** The stack file, with its secrets encrypted; empty where there was none. */
  readonly config: StackConfig;
  /** Undefined where the stack file is refused, or is not there. */
  readonly settings: Settings | undefined;
}

/** What is compared. */
export interface Comparison {
  readonly stack: string;
  /** The git ref of the first side; undefined for the state of the stack. */
  readonly against: string | undefined;
  readonly before: Side;
  readonly after: Side;
  /** Files of the program that differ; undefined where only settings are compared. */
  readonly program: readonly string[] | undefined;
  /** Found by comparing the two graphs, or by the engine that compares with a state. */
  readonly difference: Difference;
}

export interface Digest {
  readonly stack: string;
  readonly against: string | undefined;
  readonly settings: readonly ChangedSetting[];
  readonly program: readonly string[] | undefined;
  readonly data: readonly DataAtRisk[];
  /** What a person has to carry over. */
  readonly moves: readonly string[];
  readonly exposure: Exposure;
  readonly rights: Rights;
  readonly parts: readonly PartChange[];
  readonly secrets: readonly TouchedSecret[];
  readonly versions: Versions;
  readonly unknowns: Unknowns;
  readonly capacity: { readonly before: Capacity; readonly after: Capacity; readonly fit: Fit | undefined };
  /** Dollars a month, as far as they are known; undefined where nothing runs on AWS. */
  readonly price: { readonly before: number; readonly after: number; readonly dearerBy: number } | undefined;
  /** Rules that `--fail-on` may name, with the number of reasons. */
  readonly broken: Readonly<Partial<Record<Rule, number>>>;
  readonly picture: Picture;
  readonly changes: readonly Change[];
}

export function digestOf(comparison: Comparison): Digest {
  const { stack, against, before, after, program, difference } = comparison;
  const causes: Causes = { settings: changedSettings(before.config, after.config), program };
  const data = dataAtRisk(difference.changes, causes);
  const parts = partChanges(difference, causes);
  const findings = {
    data,
    exposure: exposureOf(difference),
    rights: rightsOf(difference),
    versions: versionsOf(difference),
    permitted: allowsLoss(after.config),
  };
  return {
    stack,
    against,
    settings: causes.settings,
    program,
    data,
    moves: after.settings === undefined ? [] : carried(difference, before.settings, after.settings),
    exposure: findings.exposure,
    rights: findings.rights,
    parts,
    secrets: touchedSecrets(difference.changes, causes),
    versions: findings.versions,
    unknowns: unknownsOf(difference),
    capacity: capacityOf(difference),
    price: priceOf(difference),
    broken: broken(findings),
    picture: pictureOf(difference, parts),
    changes: difference.changes,
  };
}

function carried({ changes }: Difference, before: Settings | undefined, after: Settings): string[] {
  return movesOf(dataLosses(changes), before, after).map(({ what }) => what);
}

function capacityOf({ before, after }: Difference): Digest["capacity"] {
  const next = capacityIn(after);
  return { before: capacityIn(before), after: next, fit: fitOf(next) };
}

function priceOf(difference: Difference): Digest["price"] {
  const more = dearerBy(difference);
  if (more === undefined) return undefined;
  const sum = (graph: Graph) => Math.round(knownSum(billOf(graph)) * 100) / 100;
  return { before: sum(difference.before), after: sum(difference.after), dearerBy: more };
}

/** Only what is written counts: the default is no word of a person. */
function allowsLoss(config: StackConfig): boolean {
  const platform = config["datalab:platform"] as { readonly protectData?: unknown } | undefined;
  return platform?.protectData === false;
}
