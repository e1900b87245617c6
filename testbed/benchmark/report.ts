import { noiseOf, ratioOf, summaryOf, verdictOf, type Ratio, type Summary, type Verdict } from "./statistics.ts";

/** One side of a comparison, as measured. */
export interface Side {
  readonly what: string;
  readonly milliseconds: readonly number[];
  /** Peak, in MiB; undefined where this machine does not tell. */
  readonly memory?: number | undefined;
  /** The ratio to the last side that is to be kept. */
  readonly target?: number;
}

/** Sides that were measured in turn. The last one is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  readonly sides: readonly Side[];
}

export interface Measurements {
  readonly machine: string;
  readonly runs: number;
  /** Times of the fixed workload that was run before each sample. */
  readonly reference: readonly number[];
  readonly comparisons: readonly Comparison[];
}

/** Everything that is printed, as data. */
export interface Report extends Omit<Measurements, "reference" | "comparisons"> {
  readonly noise: { readonly median: number; readonly spread: number };
  readonly comparisons: readonly { readonly title: string; readonly rows: readonly ReportRow[] }[];
}

export interface ReportRow extends Side {
  readonly summary: Summary;
  /** Absent for the side that is compared with, and where there is just one. */
  readonly ratio?: Ratio;
  readonly verdict?: Verdict;
}

export function reportOf({ reference, comparisons, ...rest }: Measurements): Report {
  return {
    ...rest,
    noise: { median: summaryOf(reference).median, spread: noiseOf(reference) },
    comparisons: comparisons.map(({ title, sides }) => ({ title, rows: sides.map((side) => rowOf(side, sides)) })),
  };
}

function rowOf(side: Side, sides: readonly Side[]): ReportRow {
  const summary = summaryOf(side.milliseconds);
  const baseline = sides.at(-1);
  if (baseline === undefined || baseline === side) return { ...side, summary };
  const ratio = ratioOf(side.milliseconds, baseline.milliseconds);
  return {
    ...side,
    summary,
    ratio,
    ...(side.target === undefined ? {} : { verdict: verdictOf(ratio, side.target) }),
  };
}
