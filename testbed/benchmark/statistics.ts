/** What was measured several times, in whatever unit. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Range of the samples, as a part of their median. */
  readonly spread: number;
}

/** How many times the one takes what the other takes. */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** True where the samples do not tell which of the two takes more: the noise exceeds the difference. */
  readonly indistinct: boolean;
}

/** What has become of a target. `near`: the noise is greater than the distance to it. */
export interface Verdict {
  readonly atMost: number;
  readonly met: boolean;
  readonly near: boolean;
}

export function summaryOf(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const low = sorted[0];
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) throw new Error("nothing was measured");
  const median = (at(sorted, Math.floor((sorted.length - 1) / 2)) + at(sorted, Math.ceil((sorted.length - 1) / 2))) / 2;
  return { median, low, high, spread: (high - low) / median };
}

/** Range of the middle four fifths, as a part of the median: among many samples, the odd one is late on any machine. */
export function noiseOf(samples: readonly number[]): number {
  const cut = Math.floor(samples.length / 10);
  return summaryOf(samples.toSorted((a, b) => a - b).slice(cut, samples.length - cut)).spread;
}

/** Compares samples in pairs, as they were taken: a machine that grows slower in between touches both sides of a pair. */
export function ratioOf(samples: readonly number[], baseline: readonly number[]): Ratio {
  if (samples.length !== baseline.length) throw new Error("the sides were not measured in pairs");
  const { median, low, high } = summaryOf(samples.map((sample, index) => sample / at(baseline, index)));
  return { median, low, high, indistinct: low <= 1 && high >= 1 };
}

export function verdictOf(ratio: Ratio, atMost: number): Verdict {
  return { atMost, met: ratio.median <= atMost, near: ratio.low <= atMost && ratio.high > atMost };
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}
