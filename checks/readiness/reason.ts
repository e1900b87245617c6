/** What an event of the cluster says, and why a part does not become ready. */

/** An event of the kind `Warning`. */
export interface Warning {
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
  /** When it was seen last; events of newer programs have `eventTime` alone. */
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

export interface Reason {
  /** The same for the same trouble, whatever else changes in its words. */
  readonly key: string;
  /** Whether time may heal it: nothing fails, it only is not ready. */
  readonly starting: boolean;
  readonly sentence: string;
}
