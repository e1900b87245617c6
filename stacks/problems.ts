/** Turns what zod found in a stack file into sentences with the place and the command that cures it. */
import { z } from "zod";

import { PlatformError } from "../components/errors.ts";
import { type Path, removeCommand, setCommand, yamlPath } from "./cures.ts";
import { closest } from "./near-misses.ts";
import { type JsonSchema, keysAt, schemaAt, valueAt } from "./schema-paths.ts";
import { commandsFor } from "./skeletons.ts";

export { type Path, removeCommand, setCommand, yamlPath } from "./cures.ts";
export { closest } from "./near-misses.ts";
export { valueAt } from "./schema-paths.ts";

/** One mistake in a stack file. */
export interface Problem {
  readonly path: Path;
  /** What is wrong, as the rest of a sentence that begins with the path. */
  readonly message: string;
  /** What to do; a `pulumi config` command where one can be written down. */
  readonly cure: string;
}

/** All mistakes of a stack file in one error. */
export class SettingsError extends PlatformError {
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
    const lines = problems.map(
      ({ path, message, cure }, index) =>
        `  ${index + 1}. ${yamlPath(path)} ${message}\n     ${cure.replaceAll("\n", "\n     ")}`,
    );
    super(`Pulumi.${stack}.yaml holds ${count}:`, lines.join("\n").trimStart());
    this.problems = problems;
  }
}

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
      return [
        {
          path,
          message: sizeMessage("at least", issue.minimum, issue),
          cure: sizeCure(path, issue.minimum, issue, here),
        },
      ];
    case "too_big":
      return [
        {
          path,
          message: sizeMessage("at most", issue.maximum, issue),
          cure: sizeCure(path, issue.maximum, issue, here),
        },
      ];
    default:
      return [otherProblem(path, issue, value, here)];
  }
}

/** A key that nobody reads, with the known key that looks most like it. */
export function unknownKeyProblem(parent: Path, key: string, known: readonly string[]): Problem {
  const path = [...parent, key];
  const likely = closest(key, known);
  const hint = likely === undefined ? "" : `, did you mean \`${likely}\`?`;
  return {
    path,
    message: `is not a setting${hint}`,
    cure: `Known here: ${known.toSorted().join(", ")}.\n${removeCommand(path)}`,
  };
}

/** Whether it is about a key that nobody reads. */
export function isUnknownKey({ message }: Problem): boolean {
  return message.startsWith("is not a setting");
}

const shortList = 5;

function choiceProblem(path: Path, values: readonly unknown[], value: unknown): Problem {
  const allowed = values.filter(
    (one) => typeof one === "string" || typeof one === "number" || typeof one === "boolean",
  );
  const names = allowed.map(String);
  const written = typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  const likely = written === undefined ? undefined : closest(written, names);
  // With a short list, its first word is most often meant; with a long one, or beside another word, it would be a guess.
  const suggestion = value === undefined && allowed.length <= shortList ? allowed[0] : undefined;
  return {
    path,
    message: `${value === undefined ? "is missing" : "has a value that is not allowed"}: one of ${names.join(", ")}`,
    cure: [
      ...obstacle(path, value),
      setCommand(path, allowed[likely === undefined ? -1 : names.indexOf(likely)] ?? suggestion ?? "<one of them>"),
    ].join("\n"),
  };
}

function typeProblem(path: Path, expected: string, value: unknown, schema: JsonSchema): Problem {
  const wanted = expected === "record" ? "object" : expected === "int" ? "whole number" : expected;
  const message =
    value === undefined ? `is missing (${wanted})` : `must be ${withArticle(wanted)}, not ${kindOf(value)}`;
  const remove = value === undefined ? [] : [removeCommand(path)];
  if (wanted === "object" || wanted === "array")
    return { path, message, cure: [...remove, ...commandsFor(path, schema, "whole")].join("\n") };
  // The CLI writes digits, `true` and `false` as what they look like, unless it is told not to.
  const form = wanted === "string" && (typeof value === "number" || typeof value === "boolean") ? "text" : undefined;
  return { path, message, cure: [...obstacle(path, value), setCommand(path, `<${wanted}>`, form)].join("\n") };
}

/** A value of the right kind that breaks a rule. */
function otherProblem(path: Path, { code, message }: Issue, value: unknown, schema: JsonSchema): Problem {
  if (typeof value !== "object" || value === null) return { path, message, cure: setCommand(path, "<value>") };
  // A rule on an object names the fields that it compares: without them the defaults are in force.
  const words = message.split(/\W+/);
  const fields = Object.keys(value).filter(
    (field) => words.includes(field) && schema.properties?.[field] !== undefined,
  );
  if (fields.length > 0) {
    const set = fields.map((field) => setCommand([...path, field], "<value>"));
    const remove = fields.map((field) => removeCommand([...path, field]));
    return { path, message, cure: [...set, `or, to take the defaults: ${remove.join("; ")}`].join("\n") };
  }
  // Neither of several kinds: there is nothing to keep.
  if (code === "invalid_union")
    return { path, message, cure: [removeCommand(path), ...commandsFor(path, schema, "whole")].join("\n") };
  return { path, message, cure: `In the stack file, change what stands below \`${yamlPath(path)}\`.` };
}

/** The name of an entry, which no command can change without its content. */
function nameProblem(path: Path, issue: z.core.$ZodIssueInvalidKey): Problem {
  const [reason] = issue.issues;
  const name = String(path.at(-1));
  const rule = issue.message.startsWith("the name") ? issue.message : `the name ${reason?.message ?? "is not allowed"}`;
  return {
    path,
    message: rule,
    cure: `In the stack file, write another name in the place of \`${name}\`.\nor, without the entry: ${removeCommand(path)}`,
  };
}

/** A list or an object must go before the CLI sets a single value in its place. */
function obstacle(path: Path, value: unknown): string[] {
  return typeof value === "object" && value !== null ? [removeCommand(path)] : [];
}

function sizeMessage(bound: string, limit: number | bigint, issue: { origin: string; message: string }): string {
  // A schema's own message says more than the bare number.
  if (!issue.message.startsWith("Too ")) return issue.message;
  const unit = { string: " characters", array: " elements" }[issue.origin] ?? "";
  return `must be ${bound} ${limit}${unit}`;
}

function sizeCure(
  path: Path,
  limit: number | bigint,
  issue: { code: string; origin: string },
  schema: JsonSchema,
): string {
  if (issue.origin !== "array") return setCommand(path, issue.origin === "string" ? "<value>" : Number(limit));
  if (issue.code === "too_big") return removeCommand([...path, Number(limit)]);
  return commandsFor(path, schema, "whole").join("\n");
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  return Array.isArray(value) ? "a list" : withArticle(typeof value);
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

function typeOf({ type }: JsonSchema): string {
  return typeof type === "string" ? type : "string";
}
