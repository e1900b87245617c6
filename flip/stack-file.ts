/** A stack file in memory: its comments, its order and its secrets stay as they are. */
import { type Document, isMap, parseDocument } from "yaml";

import type { Path } from "../stacks/problems.ts";
import type { StackFile } from "../stacks/settings.ts";
import { UsageError } from "./usage-error.ts";

const prefix = "datalab:";

/** What `pulumi config --json --show-secrets` says of one key. */
export interface PlainEntry {
  readonly value?: string;
  readonly objectValue?: unknown;
}

/** A stack file that can be changed without touching the original. */
export class EditableStackFile {
  readonly #document: Document;

  constructor(text: string) {
    this.#document = parseDocument(text);
    const [error] = this.#document.errors;
    if (error !== undefined) throw new UsageError(`the stack file is not YAML: ${error.message}`);
  }

  /** Sets a value, as `pulumi config set --path` would. */
  set(path: Path, value: unknown): void {
    const parents = keysOf(path).slice(0, -1);
    for (let depth = 1; depth <= parents.length; depth++) {
      const parent = parents.slice(0, depth);
      const empty = typeof keysOf(path)[depth] === "number" ? [] : {};
      const present: unknown = this.#document.getIn(parent);
      if (present === undefined || present === null) this.#document.setIn(parent, this.#document.createNode(empty));
      else if (typeof present !== "object") throw new UsageError(`${parent.slice(1).join(".")} is a single value`);
    }
    this.#document.setIn(keysOf(path), this.#document.createNode(value));
  }

  delete(path: Path): void {
    this.#document.deleteIn(keysOf(path));
  }

  has(path: Path): boolean {
    return this.#document.hasIn(keysOf(path));
  }

  /** Whether a setting is encrypted. */
  get holdsSecrets(): boolean {
    return Object.values(this.#settings()).some(isOrHoldsSecret);
  }

  /** The settings as the program gets them. `plain` has the decrypted values. */
  read(stack: string, plain: Readonly<Record<string, PlainEntry>> = {}): StackFile {
    const entries = Object.entries(this.#settings());
    return {
      stack,
      values: Object.fromEntries(
        entries.map(([key, value]) => [key, revealed(value, plainValue(plain[`${prefix}${key}`]))]),
      ),
      secretKeys: entries.filter(([, value]) => isOrHoldsSecret(value)).map(([key]) => key),
    };
  }

  copy(): EditableStackFile {
    return new EditableStackFile(this.toString());
  }

  toString(): string {
    return this.#document.toString({ lineWidth: 0 });
  }

  #settings(): Record<string, unknown> {
    const config: unknown = this.#document.get("config");
    const all = isMap(config) ? (config.toJSON() as Record<string, unknown>) : {};
    return Object.fromEntries(
      Object.entries(all)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    );
  }
}

function keysOf(path: Path): (string | number)[] {
  const [key, ...rest] = path;
  return ["config", `${prefix}${key ?? ""}`, ...rest];
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

function isOrHoldsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(isOrHoldsSecret);
}

/** The same value with its secrets in clear. */
function revealed(value: unknown, plain: unknown): unknown {
  if (isSecret(value)) return plain ?? "[secret]";
  if (typeof value !== "object" || value === null) return value;
  const inner = (key: string | number) =>
    typeof plain === "object" && plain !== null ? (plain as Record<string | number, unknown>)[key] : undefined;
  if (Array.isArray(value)) return value.map((element: unknown, index) => revealed(element, inner(index)));
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, revealed(element, inner(key))]));
}

/** A key that is encrypted as a whole holds JSON. */
function plainValue(entry: PlainEntry | undefined): unknown {
  if (entry?.objectValue !== undefined) return entry.objectValue;
  try {
    return JSON.parse(entry?.value ?? "null") as unknown;
  } catch {
    return entry?.value;
  }
}
