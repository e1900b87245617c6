import { pbkdf2Sync } from "node:crypto";

/** What all measurements of a run share. */
export interface Session {
  /** How often each side runs. */
  readonly runs: number;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Tells what is going on. */
  readonly say: (line: string) => void;
  /** Times of the fixed workload so far. */
  readonly reference: number[];
}

/** Does the work once, and says how many milliseconds of it count. */
export type Sample = () => Promise<number>;

/** Runs the sides in turn, A B A B …, so that whatever else happens on the machine meets them all. */
export async function alternate<Name extends string>(
  session: Session,
  what: string,
  sides: Readonly<Record<Name, Sample>>,
  runs = session.runs,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries<Sample>(sides) as [Name, Sample][];
  const samples = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, number[]>;
  for (let run = 1; run <= runs; run++) {
    for (const [name, sample] of entries) {
      session.signal.throwIfAborted();
      session.reference.push(fixedWorkload());
      const milliseconds = await sample();
      session.signal.throwIfAborted();
      samples[name].push(milliseconds);
      session.say(`${what} ${run}/${runs}: ${name}, ${(milliseconds / 1000).toFixed(2)} s`);
    }
  }
  return samples;
}

/** The same arithmetic each time, without memory, files or other processes. */
function fixedWorkload(): number {
  const begin = performance.now();
  pbkdf2Sync("fixed", "workload", 400_000, 32, "sha256");
  return performance.now() - begin;
}
