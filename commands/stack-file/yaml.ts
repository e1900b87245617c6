/**
 * Reads YAML as the Pulumi CLI does. Its parser (Go's yaml.v3) takes booleans from YAML 1.2 and numbers from YAML 1.1:
 * `yes` is a text, `0123` is 83, `1_000` is 1000; and `<<` merges.
 */
import { type Document, type DocumentOptions, parseDocument, type ScalarTag, type SchemaOptions } from "yaml";

const wholeNumber: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  identify: Number.isInteger,
  test: /^(?!_)[-+]?_*(0_*[xX][\da-fA-F_]+|0_*[bB][01_]+|0_*[oO][0-7_]+|\d[\d_]*)$/,
  resolve: (text) => wholeNumberOf(text.replaceAll("_", "")),
  stringify: ({ value }) => String(value),
};

const decimalNumber: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: (value) => typeof value === "number",
  test: /^(?!_)([-+]_*)?(\.\d+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?$/,
  resolve: (text) => Number(text.replaceAll("_", "")),
  stringify: ({ value }) => String(value),
};

/** The parser makes a moment of it, the CLI a text of the moment. */
const day: ScalarTag = {
  tag: "tag:yaml.org,2002:timestamp",
  default: true,
  test: /^\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])$/,
  resolve: (text) => {
    const [year = "", month = "", dayOfMonth = ""] = text.split("-");
    return `${year}-${month.padStart(2, "0")}-${dayOfMonth.padStart(2, "0")} 00:00:00 +0000 UTC`;
  },
};

const options: DocumentOptions & SchemaOptions = {
  merge: true,
  customTags: (tags) => [
    ...tags.filter((tag) => typeof tag === "string" || !/:(int|float)$/.test(tag.tag)),
    day,
    wholeNumber,
    decimalNumber,
  ],
};

/** A file with its comments and its order. */
export function parseYaml(text: string): Document {
  return parseDocument(text.replace(/^\uFEFF/, ""), options);
}

/** The map at one key of the file; empty where there is none. Anchors and merges are resolved. */
export function mapAt(document: Document, key: string): Record<string, unknown> {
  const whole = plain(document.toJS({ mapAsMap: true })) as Readonly<Record<string, unknown>> | null;
  const map = whole?.[key];
  return typeof map === "object" && map !== null && !Array.isArray(map) ? (map as Record<string, unknown>) : {};
}

/** Keys become texts as the CLI writes them. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, inner]) => [key === null ? "<nil>" : String(key), plain(inner)]));
}

/** Leading zeros alone mean base 8, unless other digits follow. */
function wholeNumberOf(text: string): number {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/.exec(text) ?? [];
  const amount = Number(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  // Minus zero is no whole number.
  return sign === "-" && amount !== 0 ? -amount : amount;
}
