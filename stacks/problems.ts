/** Turns what zod found in a stack file into sentences with the place and the command that cures it. */
import { distance } from "fastest-levenshtein";
import { z } from "zod";

import { PlatformError } from "../components/errors.ts";

/** Path into a stack file: first the key of the component, then what lies below it. */
export type Path = readonly (string | number)[];

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

/** Writes a path as `pulumi config set --path` takes it, for example `datalab:identity.firstUsers[0].email`. */
export function yamlPath(path: Path): string {
  return path.reduce<string>((text, part, index) => {
    if (index === 0) return `datalab:${part}`;
    if (typeof part === "number") return `${text}[${part}]`;
    return /^[A-Za-z_][\w-]*$/.test(part) ? `${text}.${part}` : `${text}["${part}"]`;
  }, "");
}

/** The command that sets one value; `value` is an allowed one, or a placeholder in angle brackets. */
export function setCommand(path: Path, value: string, secret = false): string {
  return `pulumi config set ${secret ? "--secret " : ""}--path '${yamlPath(path)}' '${value.replaceAll("'", "'\\''")}'`;
}

/** The command that removes one value. */
export function removeCommand(path: Path): string {
  return `pulumi config rm --path '${yamlPath(path)}'`;
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
type JsonSchema = z.core.JSONSchema.BaseSchema;

function issueProblems(key: string, issue: Issue, schema: JsonSchema, input: unknown): Problem[] {
  const path: Path = [key, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((unknownKey) => unknownKeyProblem(path, unknownKey, keysAt(schema, issue.path, input)));
    case "invalid_value":
      return [
        choiceProblem(path, issue.values.filter((value) => value !== null).map(String), valueAt(input, issue.path)),
      ];
    case "invalid_union":
      return "options" in issue && Array.isArray(issue.options)
        ? [choiceProblem(path, issue.options.filter((value) => value !== null).map(String), valueAt(input, issue.path))]
        : [{ path, message: issue.message, cure: setCommand(path, "<value>") }];
    case "invalid_type":
      return [typeProblem(path, issue.expected, valueAt(input, issue.path))];
    case "too_small":
      return [
        { path, message: sizeMessage("at least", issue.minimum, issue), cure: sizeCure(path, issue.minimum, issue) },
      ];
    case "too_big":
      return [
        { path, message: sizeMessage("at most", issue.maximum, issue), cure: sizeCure(path, issue.maximum, issue) },
      ];
    default:
      return [{ path, message: issue.message, cure: setCommand(path, "<value>") }];
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

/** The candidate that differs from the text by no more than a third of its letters. */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, away: distance(text.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.away - b.away);
  const best = ranked[0];
  return best !== undefined && best.away <= Math.max(2, text.length / 3) ? best.candidate : undefined;
}

const shortList = 5;

function choiceProblem(path: Path, allowed: readonly string[], value: unknown): Problem {
  const likely = typeof value === "string" ? closest(value, allowed) : undefined;
  // With a short list, its first word is most often meant; with a long one, any word would be a guess.
  const suggestion = allowed.length <= shortList ? allowed[0] : undefined;
  return {
    path,
    message: `${value === undefined ? "is missing" : "has a value that is not allowed"}: one of ${allowed.join(", ")}`,
    cure: setCommand(path, likely ?? suggestion ?? "<one of them>"),
  };
}

function typeProblem(path: Path, expected: string, value: unknown): Problem {
  const wanted = expected === "record" ? "object" : expected === "int" ? "whole number" : expected;
  const message = value === undefined ? `is missing (${wanted})` : `must be a ${wanted}, not ${kindOf(value)}`;
  return { path, message, cure: setCommand(path, `<${wanted}>`) };
}

function sizeMessage(bound: string, limit: number | bigint, issue: { origin: string; message: string }): string {
  // A schema's own message says more than the bare number.
  if (!issue.message.startsWith("Too ")) return issue.message;
  const unit = { string: " characters", array: " elements" }[issue.origin] ?? "";
  return `must be ${bound} ${limit}${unit}`;
}

function sizeCure(path: Path, limit: number | bigint, issue: { origin: string }): string {
  if (issue.origin === "array") return setCommand([...path, 0], "<value>");
  return setCommand(path, issue.origin === "string" ? "<value>" : limit.toString());
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    input,
  );
}

/** Keys that the schema knows at a path, following the branch of each union that the input has chosen. */
function keysAt(schema: JsonSchema, path: readonly PropertyKey[], input: unknown): string[] {
  const here = chosenBranch(schema, input);
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(here.properties ?? {});
  const below = typeof step === "number" ? here.items : (here.properties?.[String(step)] ?? here.additionalProperties);
  return typeof below === "object" && !Array.isArray(below) ? keysAt(below, rest, valueAt(input, [step])) : [];
}

function chosenBranch(schema: JsonSchema, input: unknown): JsonSchema {
  const branches = (schema.oneOf ?? schema.anyOf ?? []).filter(
    (branch): branch is JsonSchema => typeof branch === "object",
  );
  return branches.find((branch) => matchesConstants(branch, input)) ?? branches[0] ?? schema;
}

function matchesConstants(branch: JsonSchema, input: unknown): boolean {
  return Object.entries(branch.properties ?? {}).every(
    ([key, property]) =>
      typeof property !== "object" || property.const === undefined || property.const === valueAt(input, [key]),
  );
}
