/** Turns what zod found in one component's key into problems. */
import { z } from "zod";

import { yamlPath } from "./config-commands.ts";
import { ask, by, type Cure, edit, or, type Path, remove, set, type Value } from "./cures.ts";
import { closest } from "./near-misses.ts";
import { broken, type Problem } from "./problems.ts";
import { type JsonSchema, keysAt, schemaAt, valueAt } from "./schema-paths.ts";
import { entriesOf, shortList, skeletonOf } from "./skeletons.ts";

/** Problems of one component's key. */
export function problemsOf(key: string, schema: z.ZodType, input: unknown): Problem[] {
  const result = schema.safeParse(input);
  if (result.success) return [];
  const jsonSchema = jsonSchemaOf(schema);
  return result.error.issues.flatMap((issue) => issueProblems(key, issue, jsonSchema, input));
}

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

/** Making one takes longer than checking a stack file. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const known = jsonSchemas.get(schema) ?? z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  jsonSchemas.set(schema, known);
  return known;
}

type Issue = z.core.$ZodIssue;

function issueProblems(key: string, issue: Issue, schema: JsonSchema, input: unknown): Problem[] {
  const path: Path = [key, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  const value = valueAt(input, issue.path);
  const here = schemaAt(schema, issue.path, input);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((unknownKey) => unknownKeyProblem(path, unknownKey, keysAt(schema, issue.path, input)));
    case "invalid_value":
      return [choiceProblem(path, issue.values, value)];
    case "invalid_union":
      if ("options" in issue && Array.isArray(issue.options)) return [choiceProblem(path, issue.options, value)];
      return [
        value === undefined ? typeProblem(path, typeOf(here), value, here) : otherProblem(path, issue, value, here),
      ];
    case "invalid_type":
      return [typeProblem(path, issue.expected, value, here)];
    case "invalid_key":
      return [nameProblem(path, issue)];
    case "too_small":
      return [sizeProblem(path, "at least", Number(issue.minimum), issue, here, value)];
    case "too_big":
      return [sizeProblem(path, "at most", Number(issue.maximum), issue, here, value)];
    default:
      return [otherProblem(path, issue, value, here)];
  }
}

/** A key that nobody reads, with the known key that looks most like it. */
export function unknownKeyProblem(parent: Path, key: string, known: readonly string[]): Problem {
  const path = [...parent, key];
  return { path, fault: { kind: "unknown", likely: closest(key, known), known }, cures: [by(remove(path))] };
}

function choiceProblem(path: Path, values: readonly unknown[], value: unknown): Problem {
  const choices = values.filter(isValue);
  const names = choices.map(String);
  const written = typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  const likely = written === undefined ? undefined : closest(written, names);
  // With a short list, its first word is most often meant; with a long one, or beside another word, it would be a guess.
  const suggestion = value === undefined && choices.length <= shortList ? choices[0] : undefined;
  const word = choices[likely === undefined ? -1 : names.indexOf(likely)] ?? suggestion;
  const fix = word === undefined ? ask(path, "one of them") : set(path, word);
  const fault = { kind: "choice", choices, isMissing: value === undefined } as const;
  return { path, fault, cures: [by(...obstacle(path, value), fix)] };
}

function isValue(one: unknown): one is Value {
  return typeof one === "string" || typeof one === "number" || typeof one === "boolean";
}

function typeProblem(path: Path, expected: string, value: unknown, schema: JsonSchema): Problem {
  const wanted = expected === "record" ? "object" : expected === "int" ? "whole number" : expected;
  const fault =
    value === undefined
      ? ({ kind: "missing", wanted } as const)
      : ({ kind: "type", wanted, given: kindOf(value) } as const);
  if (wanted === "object" || wanted === "array") {
    const inTheWay = value === undefined ? [] : [remove(path)];
    return { path, fault, cures: [by(...inTheWay, ...skeletonOf(path, schema, "whole"))] };
  }
  // The CLI writes digits, `true` and `false` as what they look like, unless it is told not to.
  const form = wanted === "string" && (typeof value === "number" || typeof value === "boolean") ? "text" : undefined;
  return { path, fault, cures: [by(...obstacle(path, value), ask(path, wanted, form))] };
}

/** A value of the right kind that breaks a rule. */
function otherProblem(path: Path, { code, message }: Issue, value: unknown, schema: JsonSchema): Problem {
  if (typeof value !== "object" || value === null) return broken(path, message, by(ask(path, "value")));
  // A rule on an object names the fields that it compares: without them the defaults are in force.
  const words = message.split(/\W+/);
  const fields = Object.keys(value)
    .filter((field) => words.includes(field) && schema.properties?.[field] !== undefined)
    .map((field) => [...path, field]);
  if (fields.length > 0) {
    const others = or("to take the defaults", ...fields.map(remove));
    return broken(path, message, by(...fields.map((field) => ask(field, "value"))), others);
  }
  // Neither of several kinds: there is nothing to keep.
  if (code === "invalid_union") return broken(path, message, by(remove(path), ...skeletonOf(path, schema, "whole")));
  return broken(path, message, by(edit(`In the stack file, change what stands below \`${yamlPath(path)}\`.`)));
}

/** The name of an entry, which no command can change without its content. */
function nameProblem(path: Path, issue: z.core.$ZodIssueInvalidKey): Problem {
  const [reason] = issue.issues;
  const name = String(path.at(-1));
  const rule = issue.message.startsWith("the name") ? issue.message : `the name ${reason?.message ?? "is not allowed"}`;
  const another = edit(`In the stack file, write another name in the place of \`${name}\`.`);
  return broken(path, rule, by(another), or("without the entry", remove(path)));
}

/** A list or an object must go before the CLI sets a single value in its place. */
function obstacle(path: Path, value: unknown) {
  return typeof value === "object" && value !== null ? [remove(path)] : [];
}

const units: Readonly<Record<string, string>> = { string: "characters", array: "elements" };

function sizeProblem(
  path: Path,
  bound: "at least" | "at most",
  limit: number,
  issue: { readonly origin: string; readonly message: string },
  schema: JsonSchema,
  value: unknown,
): Problem {
  const cures = [
    Array.isArray(value)
      ? lengthCure(path, limit, value.length, schema)
      : by(issue.origin === "string" ? ask(path, "value") : set(path, limit)),
  ];
  // A schema's own message says more than the bare number.
  if (!issue.message.startsWith("Too ")) return broken(path, issue.message, ...cures);
  return { path, fault: { kind: "size", bound, limit, unit: units[issue.origin] ?? "" }, cures };
}

/** The entries that a list lacks, or has too many: those that it may keep stay. */
function lengthCure(path: Path, limit: number, length: number, schema: JsonSchema): Cure {
  const tooMany = Array.from({ length: Math.max(0, length - limit) }, (_, index) => length - 1 - index);
  return by(...tooMany.map((index) => remove([...path, index])), ...entriesOf(path, schema, length, limit));
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  return Array.isArray(value) ? "list" : typeof value;
}

function typeOf({ type }: JsonSchema): string {
  return typeof type === "string" ? type : "string";
}
