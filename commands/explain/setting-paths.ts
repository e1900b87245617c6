/** Every setting there is, by its path, whatever the words of a stack are. */
import type { JsonSchema } from "../../stacks/settings/schema-paths.ts";
import { jsonSchemaOf } from "../../stacks/settings/schema-problems.ts";
import { settingsSchemas } from "../../stacks/settings/schemas.ts";
import { branchesOf } from "./samples.ts";

/** Schemas by path; `<name>` and `[0]` stand for entries whose names and places are free. */
export function settingPaths(): ReadonlyMap<string, JsonSchema> {
  const paths = new Map<string, JsonSchema>();
  for (const [key, schema] of Object.entries(settingsSchemas)) collect(key, jsonSchemaOf(schema), paths);
  return paths;
}

function collect(path: string, schema: JsonSchema, paths: Map<string, JsonSchema>): void {
  if (!paths.has(path) || paths.get(path)?.description === undefined) paths.set(path, schema);
  for (const branch of branchesOf(schema)) collect(path, branch, paths);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (typeof field === "object") collect(`${path}.${name}`, field, paths);
  }
  if (typeof schema.additionalProperties === "object") collect(`${path}.<name>`, schema.additionalProperties, paths);
  if (typeof schema.items === "object" && !Array.isArray(schema.items)) collect(`${path}[0]`, schema.items, paths);
}

/** The known path that a given one is an instance of. */
export function knownPath(path: string, paths: ReadonlyMap<string, JsonSchema>): string | undefined {
  return [...paths.keys()].find((known) => patternOf(known).test(path));
}

function patternOf(known: string): RegExp {
  const escaped = known.replaceAll(/[.[\]]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("<name>", String.raw`[^.[\]]+`).replaceAll("0", String.raw`\d+`)}$`);
}
