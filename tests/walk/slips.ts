/** What a slip is, and what must find it. */
import type { Slip } from "./broken-checkout.ts";

/** A step of the doctor that must fail, and what it must say. */
export interface Trace {
  readonly step: string;
  readonly says: RegExp;
}

export interface TracedSlip extends Slip {
  readonly title: string;
  /** Where it shows; each must. */
  readonly found: readonly Trace[];
}

/** Slips that are installed by one `pulumi up`, because none is seen through another, or hides it. */
export interface Breakage {
  readonly slips: readonly TracedSlip[];
  /** Pods that can never become ready: nobody waits long for them. */
  readonly neverReady?: boolean;
  /** Shown by what the doctor does with `--write` alone, which takes long. */
  readonly writes?: boolean;
  /** Namespace and name of a Deployment whose pods show the slip only if they are new. */
  readonly renews?: readonly [namespace: string, name: string];
}

interface Single extends Slip, Trace, Omit<Breakage, "slips"> {
  readonly title: string;
}

/** A slip that is installed alone, and that one step must find before all others. */
export function alone({ title, file, from, to, step, says, ...how }: Single): Breakage {
  return { slips: [{ title, file, from, to, found: [{ step, says }] }], ...how };
}
