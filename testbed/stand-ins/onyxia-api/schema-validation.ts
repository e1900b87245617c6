/**
 * Checks the values of a launch. The real API checks JSON Schema draft 6; of that, this knows what INSEE's charts and
 * the platform's overrides use, and refuses a schema that asks for more rather than let something pass.
 */
import { isDeepStrictEqual } from "node:util";

import { isObject, type Json } from "./fields.ts";

type Check = (value: unknown, rule: unknown, path: string, schema: Json) => string[];

/** What is wrong with the value, in plain words; empty if nothing is. @throws Error for a keyword that is not known */
export function violations(value: unknown, schema: unknown, path = "#"): string[] {
  if (schema === false) return [`${path}: false schema always fails`];
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    const check = checks[keyword];
    if (check !== undefined) return check(value, rule, path, schema);
    if (unknownToTheStandIn.has(keyword)) throw new Error(`the keyword ${keyword} is not imitated by this stand-in`);
    return [];
  });
}

const checks: Readonly<Record<string, Check>> = {
  type: (value, rule, path) =>
    [rule].flat().some((type) => isOfType(value, String(type)))
      ? []
      : [`${path}: expected type: ${[rule].flat().join(" or ")}`],
  enum: (value, rule, path) =>
    Array.isArray(rule) && rule.some((one) => isDeepStrictEqual(one, value))
      ? []
      : [`${path}: ${JSON.stringify(value)} is not a valid enum value`],
  const: (value, rule, path) => (isDeepStrictEqual(rule, value) ? [] : [`${path}: it has another value`]),
  pattern: (value, rule, path) =>
    typeof value !== "string" || new RegExp(String(rule)).test(value)
      ? []
      : [`${path}: string [${value}] does not match pattern ${String(rule)}`],
  minLength: bound(
    (value) => (typeof value === "string" ? value.length : undefined),
    "shorter",
    (a, b) => a < b,
  ),
  maxLength: bound(
    (value) => (typeof value === "string" ? value.length : undefined),
    "longer",
    (a, b) => a > b,
  ),
  minimum: bound(numberOf, "lower", (a, b) => a < b),
  maximum: bound(numberOf, "greater", (a, b) => a > b),
  minItems: bound(
    (value) => (Array.isArray(value) ? value.length : undefined),
    "shorter",
    (a, b) => a < b,
  ),
  maxItems: bound(
    (value) => (Array.isArray(value) ? value.length : undefined),
    "longer",
    (a, b) => a > b,
  ),
  required: (value, rule, path) =>
    [rule]
      .flat()
      .filter((key) => isObject(value) && !(String(key) in value))
      .map((key) => `${path}: required key [${String(key)}] not found`),
  properties: (value, rule, path) =>
    inside(value, (key, inner) =>
      isObject(rule) && key in rule ? violations(inner, rule[key], `${path}/${key}`) : [],
    ),
  patternProperties: (value, rule, path) =>
    inside(value, (key, inner) =>
      matching(rule, key).flatMap((pattern) => violations(inner, (rule as Json)[pattern], `${path}/${key}`)),
    ),
  additionalProperties: (value, rule, path, { properties, patternProperties }) =>
    inside(value, (key, inner) =>
      (isObject(properties) && key in properties) || matching(patternProperties, key).length > 0
        ? []
        : violations(inner, rule, `${path}/${key}`),
    ),
  uniqueItems: (value, rule, path) =>
    rule === true && Array.isArray(value) && new Set(value.map((item) => JSON.stringify(item))).size < value.length
      ? [`${path}: array items are not unique`]
      : [],
  items: (value, rule, path) =>
    Array.isArray(value) ? value.flatMap((item, index) => violations(item, rule, `${path}/${index}`)) : [],
  allOf: (value, rule, path) => [rule].flat().flatMap((part) => violations(value, part, path)),
  anyOf: (value, rule, path) =>
    [rule].flat().some((part) => violations(value, part, path).length === 0)
      ? []
      : [`${path}: no subschema matched out of the total ${[rule].flat().length} subschemas`],
  not: (value, rule, path) => (violations(value, rule, path).length > 0 ? [] : [`${path}: subject must not be valid`]),
};

/** Keywords of the draft that would let something pass if they were overlooked. */
const unknownToTheStandIn: ReadonlySet<string> = new Set([
  ...["propertyNames", "minProperties", "maxProperties", "dependencies"],
  ...["oneOf", "additionalItems", "contains", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"],
]);

function bound(
  measure: (value: unknown) => number | undefined,
  word: string,
  breaks: (size: number, limit: number) => boolean,
): Check {
  return (value, rule, path) => {
    const size = measure(value);
    return size !== undefined && breaks(size, Number(rule)) ? [`${path}: it is ${word} than ${String(rule)}`] : [];
  };
}

/** Patterns of `patternProperties` that the key matches. */
function matching(patterns: unknown, key: string): string[] {
  return isObject(patterns) ? Object.keys(patterns).filter((pattern) => new RegExp(pattern).test(key)) : [];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function inside(value: unknown, check: (key: string, inner: unknown) => string[]): string[] {
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => check(key, inner)) : [];
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
