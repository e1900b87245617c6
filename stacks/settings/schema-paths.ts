/** Finds places in settings and in the JSON Schema that describes them. */
import type { z } from "zod";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What stands at a path; undefined where nothing does. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    input,
  );
}

/** Keys that the schema knows at a path, following the branch of each union that the input has chosen. */
export function keysAt(schema: JsonSchema, path: readonly PropertyKey[], input: unknown): string[] {
  return Object.keys(schemaAt(schema, path, input).properties ?? {});
}

/** The schema of what stands at a path; an empty one where nothing is known. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[], input: unknown): JsonSchema {
  const here = chosenBranch(schema, input);
  const [step, ...rest] = path;
  if (step === undefined) return here;
  const below = typeof step === "number" ? here.items : (here.properties?.[String(step)] ?? here.additionalProperties);
  return typeof below === "object" && !Array.isArray(below) ? schemaAt(below, rest, valueAt(input, [step])) : {};
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
