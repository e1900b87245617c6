/**
 * What the stack's state alone remembers: values that were made once, and that nobody can make a second time. Each lives in a
 * Secret too, where a stack whose state was lost finds it again (docs/take-back.md).
 */

/** One entry of a Secret. */
export interface SecretEntry {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** The value of one resource. */
export interface KeptValue {
  /** Name of the resource in the program. */
  readonly resource: string;
  readonly entry: SecretEntry;
  /** Whether what is there, a volume or Keycloak's own accounts, opens to this one alone. @default false */
  readonly irreplaceable?: boolean;
  /** Inputs that are other values of this kind. @default none */
  readonly inputs?: Readonly<Record<string, SecretEntry>>;
}
