/** Compares values with what the typed SDK says. */
import type { Fields, Sdk, Shape } from "./sdk.ts";
import { isObject, unknown, type Value, type Values } from "./values.ts";

export interface Failure {
  /** @example `vpcConfig.subnetIds[1]` */
  readonly property: string;
  readonly reason: string;
}

export function checkFields(sdk: Sdk, fields: Fields, values: Values, path = ""): Failure[] {
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const failures: Failure[] = [];
  for (const [key, value] of Object.entries(values)) {
    const field = fields[key];
    if (key.startsWith("__")) continue;
    if (field === undefined) failures.push({ property: at(key), reason: "the SDK knows no such field" });
    else failures.push(...checkShape(sdk, field.shape, value, at(key)));
  }
  for (const [key, { optional }] of Object.entries(fields)) {
    if (optional || (values[key] ?? null) !== null) continue;
    failures.push({ property: at(key), reason: "is required" });
  }
  return failures;
}

function checkShape(sdk: Sdk, shape: Shape, value: Value, path: string): Failure[] {
  if (value === unknown || value === null) return [];
  switch (shape.kind) {
    case "any":
      return [];
    case "string":
    case "number":
    case "boolean":
      return typeof value === shape.kind ? [] : [mismatch(path, shape.kind, value)];
    case "list":
      if (!Array.isArray(value)) return [mismatch(path, "list", value)];
      return value.flatMap((element: Value, index) => checkShape(sdk, shape.of, element, `${path}[${index}]`));
    case "map":
      if (!isObject(value)) return [mismatch(path, "map", value)];
      return Object.entries(value).flatMap(([key, element]) =>
        checkShape(sdk, shape.of, element, `${path}[${JSON.stringify(key)}]`),
      );
    case "union": {
      const attempts = shape.of.map((one) => checkShape(sdk, one, value, path));
      return attempts.some(({ length }) => length === 0) ? [] : (attempts[0] ?? []);
    }
    case "object":
      return isObject(value) ? checkFields(sdk, shape.fields, value, path) : [mismatch(path, "object", value)];
    case "type": {
      const fields = sdk.types[shape.name];
      if (fields === undefined) return [{ property: path, reason: `the SDK has no type ${shape.name}` }];
      return isObject(value) ? checkFields(sdk, fields, value, path) : [mismatch(path, "object", value)];
    }
  }
}

function mismatch(property: string, wanted: string, value: Value): Failure {
  const got = Array.isArray(value) ? "list" : value === null ? "null" : typeof value;
  return { property, reason: `must be a ${wanted}, is a ${got}` };
}
