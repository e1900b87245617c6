/** A chart's schema with the overrides put in, as the API does it before it checks a launch. */
import { isObject } from "./fields.ts";

/**
 * Replaces each property that names an override in `x-onyxia.overwriteSchemaWith` by that schema, and references by
 * what they refer to. A name without a schema leaves the chart's own.
 *
 * @param overrides Schemas by path.
 */
export function resolvedSchema(schema: unknown, overrides: ReadonlyMap<string, unknown>, root = schema): unknown {
  const resolve = (part: unknown): unknown => resolvedSchema(part, overrides, root);
  if (Array.isArray(schema)) return schema.map(resolve);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === "$ref" && typeof value === "string") {
      const target = value.startsWith("#/definitions/") ? definition(root, value) : overrides.get(value);
      const resolved = target === undefined ? undefined : resolve(target);
      return isObject(resolved) ? Object.entries(resolved) : [[key, value]];
    }
    const name = overrideName(value);
    if (name !== undefined) return [[key, overrides.has(name) ? resolve(overrides.get(name)) : value]];
    return [[key, resolve(value)]];
  });
  return Object.fromEntries(entries);
}

function overrideName(value: unknown): string | undefined {
  const onyxia = isObject(value) ? value["x-onyxia"] : undefined;
  const name = isObject(onyxia) ? onyxia["overwriteSchemaWith"] : undefined;
  return typeof name === "string" ? name : undefined;
}

function definition(root: unknown, reference: string): unknown {
  return reference
    .slice("#/".length)
    .split("/")
    .reduce<unknown>((place, key) => (isObject(place) ? place[key] : undefined), root);
}
