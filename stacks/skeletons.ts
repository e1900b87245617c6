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
    const items = typeof schema.items === "object" && !Array.isArray(schema.items) ? schema.items : {};
    // A list that may be empty is left out, unless it is what was asked for.
    return part === "entry" && (schema.minItems ?? 0) === 0 ? [] : skeletonOf([...path, 0], items, "entry");
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

function single(path: Path, { type, enum: choices }: JsonSchema): Fix {
  const first = choices?.[0];
  if (typeof first === "string" || typeof first === "number" || typeof first === "boolean") return set(path, first);
  return ask(path, type === "integer" ? "whole number" : typeof type === "string" ? type : "value");
}
