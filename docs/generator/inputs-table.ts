/** Tables of a component's settings, from the very schema that checks them. */
import { z } from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;

interface Row {
  readonly path: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

/** Markdown for one key of the stack file; a union gets one table for each of its modes. */
export function inputsTable(schema: z.ZodType): string {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const modes = branchesOf(root);
  if (modes.length === 0) return table(rowsOf(root, ""));
  return modes.map((mode) => `With ${modeName(mode)}:\n\n${table(rowsOf(mode, ""))}`).join("\n\n");
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| \`${row.path}\` | ${row.type} | ${row.default} | ${row.meaning} |`);
  return ["| setting | value | default | meaning |", "|---|---|---|---|", ...lines].join("\n");
}

function rowsOf(schema: JsonSchema, prefix: string): Row[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    isSchema(property) ? rowsOfProperty(property, `${prefix}${name}`, required.has(name)) : [],
  );
}

function rowsOfProperty(property: JsonSchema, path: string, required: boolean): Row[] {
  const own: Row = {
    path,
    type: typeText(property),
    default:
      property.default === undefined ? (required ? "required" : "none") : `\`${JSON.stringify(property.default)}\``,
    meaning: escaped(property.description ?? ""),
  };
  const below = [
    ...rowsOf(property, `${path}.`),
    ...(isSchema(property.items) ? rowsOf(property.items, `${path}[].`) : []),
    ...(isSchema(property.additionalProperties) ? rowsOf(property.additionalProperties, `${path}.<name>.`) : []),
    ...branchesOf(property).flatMap((mode) => rowsOf(mode, `${path}.`).map((row) => whenIn(mode, row))),
  ];
  // A table row for an object that only holds others says nothing.
  return below.length > 0 && own.meaning === "" ? below : [own, ...below];
}

function whenIn(mode: JsonSchema, row: Row): Row {
  return { ...row, meaning: `(${modeName(mode)}) ${row.meaning}` };
}

function branchesOf(schema: JsonSchema): JsonSchema[] {
  return (schema.oneOf ?? schema.anyOf ?? []).filter(isSchema).filter((branch) => branch.properties !== undefined);
}

function modeName(mode: JsonSchema): string {
  const constants = Object.entries(mode.properties ?? {}).filter(
    (entry): entry is [string, JsonSchema] => isSchema(entry[1]) && entry[1].const !== undefined,
  );
  return constants.map(([key, value]) => `\`${key}: ${String(value.const)}\``).join(", ");
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.type === "array") return `list of ${isSchema(schema.items) ? typeText(schema.items) : "values"}`;
  if (isSchema(schema.additionalProperties)) return "map by name";
  const branches = (schema.oneOf ?? schema.anyOf ?? []).filter(isSchema);
  if (branches.length > 0) return [...new Set(branches.map(typeText))].join(" or ");
  return schema.type === "integer" ? "whole number" : String(schema.type ?? "any");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
