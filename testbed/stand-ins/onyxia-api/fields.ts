/** Checked reading of JSON: each complaint names the path, and nothing that is not asked for passes unseen. */
import { type Hop, Refusal } from "./refusal.ts";

export type Json = Readonly<Record<string, unknown>>;

/** One object of a document. {@link Fields.done} complains of the keys that nobody has asked for. */
export class Fields {
  readonly #hop: Hop;
  readonly #path: string;
  readonly #value: Json;
  readonly #asked = new Set<string>();

  constructor(hop: Hop, path: string, value: unknown) {
    this.#hop = hop;
    this.#path = path;
    if (!isObject(value)) throw new Refusal(hop, `${path} is ${kindOf(value)}, not an object`);
    this.#value = value;
  }

  /** The value of a key that may be missing. */
  any(key: string): unknown {
    this.#asked.add(key);
    return this.#value[key] ?? undefined;
  }

  string(key: string, rule?: RegExp): string {
    const value = this.any(key);
    if (typeof value !== "string") this.refuse(key, `is ${kindOf(value)}, not a text`);
    if (rule !== undefined && !rule.test(value)) this.refuse(key, `is "${value}", which does not match ${rule.source}`);
    return value;
  }

  optionalString(key: string, rule?: RegExp): string | undefined {
    return this.any(key) === undefined ? undefined : this.string(key, rule);
  }

  boolean(key: string, byDefault: boolean): boolean {
    const value = this.any(key) ?? byDefault;
    if (typeof value !== "boolean") this.refuse(key, `is ${kindOf(value)}, not true or false`);
    return value;
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], byDefault?: T): T {
    const value = this.any(key) ?? byDefault;
    const found = allowed.find((one) => one === value);
    return found ?? this.refuse(key, `is ${kindOf(value)}, not one of ${allowed.join(", ")}`);
  }

  /** Texts by name. */
  texts(key: string): Record<string, string> {
    const value = this.any(key) ?? {};
    if (!isObject(value)) this.refuse(key, "is not an object");
    return Object.fromEntries(
      Object.entries(value).map(([name, text]) => {
        if (typeof text !== "string") this.refuse(`${key}.${name}`, `is ${kindOf(text)}, not a text`);
        return [name, text];
      }),
    );
  }

  textList(key: string): string[] {
    const value = this.any(key) ?? [];
    if (!Array.isArray(value) || !value.every((text) => typeof text === "string")) {
      this.refuse(key, "is not a list of texts");
    }
    return value;
  }

  object(key: string): Fields {
    return new Fields(this.#hop, `${this.#path}.${key}`, this.any(key));
  }

  optionalObject(key: string): Fields | undefined {
    return this.any(key) === undefined ? undefined : this.object(key);
  }

  /** The objects of a key that holds one or a list of them. */
  oneOrMany(key: string): Fields[] {
    const value = this.any(key) ?? [];
    if (!Array.isArray(value)) return [this.object(key)];
    return value.map((item, index) => new Fields(this.#hop, `${this.#path}.${key}[${index}]`, item));
  }

  /** Marks keys as known without looking at them. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#asked.add(key);
  }

  /** @throws Refusal for a key that the API does not know: it would drop it without a word. */
  done(): void {
    const unknown = Object.keys(this.#value).find((key) => !this.#asked.has(key));
    if (unknown !== undefined) this.refuse(unknown, "is a key that the API does not know");
  }

  refuse(key: string, reason: string): never {
    throw new Refusal(this.#hop, `${this.#path}.${key} ${reason}`);
  }
}

/** Parses a property that holds a JSON list. */
export function jsonList(hop: Hop, name: string, text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(hop, `${name} is not JSON`, { cause: error });
  }
  if (!Array.isArray(value)) throw new Refusal(hop, `${name} is ${kindOf(value)}, not a list`);
  return value;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "missing";
  return Array.isArray(value) ? "a list" : typeof value === "string" ? `"${value}"` : typeof value;
}
