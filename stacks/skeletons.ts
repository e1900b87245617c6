/** The commands that bring a list or an object into being, one for each value that it cannot do without. */
import { type Path, setCommand } from "./cures.ts";
import type { JsonSchema } from "./schema-paths.ts";

/**
 * @param part `whole`: what is wanted itself; `entry`: something inside, which may be left out when it needs nothing
 */
export function commandsFor(path: Path, schema: JsonSchema, part: "whole" | "entry"): string[] {
  const [branch] = (schema.oneOf ?? schema.anyOf ?? []).filter((one): one is JsonSchema => typeof one === "object");
  if (branch !== undefined) return commandsFor(path, branch, part);
  if (schema.const !== undefined) return [setCommand(path, schema.const as string | number | boolean)];
  if (schema.type === "array") {
    const items = typeof schema.items === "object" && !Array.isArray(schema.items) ? schema.items : {};
    // A list that may be empty is left out, unless it is what was asked for.
    return part === "entry" && (schema.minItems ?? 0) === 0 ? [] : commandsFor([...path, 0], items, "entry");
  }
  if (schema.type !== "object") return [setCommand(path, placeholder(schema))];
  const required = schema.required ?? [];
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => required.includes(name));
  if (fields.length > 0)
    return fields.flatMap(([name, field]) =>
      typeof field === "object" ? commandsFor([...path, name], field, "entry") : [],
    );
  // Every setting has a default, or the names are free to choose.
  const entry = schema.additionalProperties;
  return part === "whole" && typeof entry === "object" ? commandsFor([...path, "<name>"], entry, "entry") : [];
}

function placeholder({ type, enum: choices }: JsonSchema): string | number | boolean {
  const first = choices?.[0];
  if (typeof first === "string" || typeof first === "number" || typeof first === "boolean") return first;
  return type === "integer" ? "<whole number>" : typeof type === "string" ? `<${type}>` : "<value>";
}
