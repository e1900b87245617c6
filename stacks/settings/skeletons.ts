/** What brings a list or an object into being: one change for each value that it cannot do without. */
import { ask, type Fix, type Path, set, type Value } from "./cures.ts";
import type { JsonSchema } from "./schema-paths.ts";

/**
 * @param part `whole`: what is wanted itself; `entry`: something inside, which may be left out when it needs nothing
 */
export function skeletonOf(path: Path, schema: JsonSchema, part: "whole" | "entry"): Fix[] {
  const [branch] = (schema.oneOf ?? schema.anyOf ?? []).filter((one): one is JsonSchema => typeof one === "object");
  if (branch !== undefined) return skeletonOf(path, branch, part);
  if (schema.const !== undefined) return [set(path, schema.const as Value)];
  if (schema.type === "array") {
    // A list that may be empty is left out, unless it is what was asked for.
    const fewest = Math.max(schema.minItems ?? 0, part === "whole" ? 1 : 0);
    return entriesOf(path, schema, 0, fewest);
  }
  if (schema.type !== "object") return [single(path, schema)];
  const required = schema.required ?? [];
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => required.includes(name));
  if (fields.length > 0)
    return fields.flatMap(([name, field]) =>
      typeof field === "object" ? skeletonOf([...path, name], field, "entry") : [],
    );
  // Every setting has a default, or the names are free to choose.
  const entry = schema.additionalProperties;
  return part === "whole" && typeof entry === "object" ? skeletonOf([...path, "<name>"], entry, "entry") : [];
}

/** What a list lacks. @param from how many entries it has. @param to how many it must have */
export function entriesOf(path: Path, schema: JsonSchema, from: number, to: number): Fix[] {
  const items = typeof schema.items === "object" && !Array.isArray(schema.items) ? schema.items : {};
  const indices = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  return indices.flatMap((index) => skeletonOf([...path, index], items, "entry"));
}

/** As many words as one can be guessed from. */
export const shortList = 5;

function single(path: Path, { type, enum: choices }: JsonSchema): Fix {
  if (choices !== undefined && choices.length > shortList) return ask(path, "one of them");
  const first = choices?.[0];
  if (typeof first === "string" || typeof first === "number" || typeof first === "boolean") return set(path, first);
  return ask(path, type === "integer" ? "whole number" : typeof type === "string" ? type : "value");
}
