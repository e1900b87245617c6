/** The schema of a chart's values as Onyxia's API resolves it: the named files stand in the place of whole properties. */

export type Schema = Readonly<Record<string, unknown>>;

/** @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/src/main/java/fr/insee/onyxia/api/services/JsonSchemaResolutionService.java */
export function resolvedSchema(schema: Schema, files: Readonly<Record<string, string>>): Schema {
  return resolve(schema, files) as Schema;
}

function resolve(node: unknown, files: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(node)) return node.map((item) => resolve(item, files));
  if (!isSchema(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      const file = isSchema(value) ? files[schemaNameOf(value) ?? ""] : undefined;
      return [key, resolve(file === undefined ? value : JSON.parse(file), files)];
    }),
  );
}

/** Name of the file that may stand in a property's place. */
export function schemaNameOf(property: Schema): string | undefined {
  const onyxia = property["x-onyxia"];
  const name = isSchema(onyxia) ? onyxia["overwriteSchemaWith"] : undefined;
  return typeof name === "string" ? name : undefined;
}

export function isSchema(node: unknown): node is Schema {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}
