/** The check that Onyxia's API makes of a launch before helm: the chart's schema with the overrides, as draft 6. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import Ajv, { type ValidateFunction } from "ajv";

import { recordedChart } from "./recorded-charts.ts";
import { isSchema, resolvedSchema, type Schema } from "./resolved-schema.ts";

const draft6 = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../node_modules/ajv/lib/refs/json-schema-draft-06.json"), "utf8"),
) as object;

/** A recorded chart's schema: the properties that ask for a file, and nothing else of its texts. */
export function chartSchema(name: string): Schema {
  return Object.entries(recordedChart(name).schemas).reduce<Schema>(
    (schema, [path, file]) => withProperty(schema, path.split("."), file),
    { type: "object", properties: {} },
  );
}

function withProperty(schema: Schema, [first = "", ...rest]: readonly string[], file: string): Schema {
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const before = isSchema(properties[first]) ? properties[first] : {};
  const property =
    rest.length === 0
      ? { ...before, "x-onyxia": { overwriteSchemaWith: file } }
      : withProperty({ ...before, type: "object" }, rest, file);
  return { ...schema, properties: { ...properties, [first]: property } };
}

/** Compiled once for all charts that ask for the same files. */
const compiled = new Map<string, ValidateFunction>();

/** Why the API would answer 400, or nothing. */
export function refusals(name: string, overrides: Readonly<Record<string, string>>, options: unknown): string[] {
  // The API sets the draft itself, whatever the files say.
  const schema = withoutDraft(resolvedSchema(chartSchema(name), overrides)) as object;
  const text = JSON.stringify(schema);
  const validate = compiled.get(text) ?? new Ajv({ meta: draft6, allErrors: true }).compile(schema);
  compiled.set(text, validate);
  if (validate(options) === true) return [];
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message ?? ""}`);
}

function withoutDraft(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutDraft);
  if (!isSchema(node)) return node;
  const kept = Object.entries(node).filter(([key, value]) => key !== "$schema" || typeof value !== "string");
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutDraft(value)]));
}
