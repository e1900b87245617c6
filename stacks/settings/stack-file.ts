/** A stack file as the engine hands it over. */
export interface StackFile {
  /** Name of the stack, for messages. */
  readonly stack: string;
  /** Values by key, without the project's name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys that hold at least one secret. */
  readonly secretKeys: readonly string[];
  /** Keys of other namespaces than the project's, in full. @default none */
  readonly foreignKeys?: readonly string[];
}

/** What the text of a key means. One that is not JSON stays the text that it is; the schema then says what it should be. */
export function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
