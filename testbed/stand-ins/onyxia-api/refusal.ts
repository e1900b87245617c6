/** Parts of the wiring that a start can fail at. */
export type Hop =
  "settings" | "region" | "catalogue" | "schemas" | "trust" | "issuer" | "keys" | "files" | "helm" | "port";

/** A reason not to start, or not to be ready, in one plain line that names the hop. */
export class Refusal extends Error {
  readonly hop: Hop;

  constructor(hop: Hop, reason: string, options?: ErrorOptions) {
    super(`${hop}: ${reason}`.replaceAll(/\s+/g, " "), options);
    this.hop = hop;
  }
}
