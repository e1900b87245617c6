/** What the launch form sends when a person changes nothing: redone from Onyxia's web application 5.5. */
import Ajv from "ajv";

import { isSchema, type Schema } from "./resolved-schema.ts";

/** What the web application knows of the person, the project and the region. */
export type FormContext = Readonly<Record<string, unknown>>;

const ajv = new Ajv({ schemaId: "auto" });

/**
 * Values of a chart by its resolved schema.
 * @param defaults what the chart's values.yaml says
 * @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/src/core/usecases/launcher/decoupledLogic/computeHelmValues.ts
 */
export function formValues(schema: Schema, defaults: unknown, context: FormContext): unknown {
  if (schema["const"] !== undefined) return schema["const"];
  const { properties } = schema;
  if (schema["type"] === "object" && isSchema(properties)) {
    const below = isSchema(defaults) ? defaults : {};
    return Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        formValues(property as Schema, below[name], context),
      ]),
    );
  }
  const onyxia = isSchema(schema["x-onyxia"]) ? schema["x-onyxia"] : {};
  const reference = onyxia["overwriteDefaultWith"];
  const candidates = [typeof reference === "string" ? referenced(reference, context) : undefined, schema["default"]];
  const valid = candidates.find((value) => value !== undefined && ajv.validate(schema, value) === true);
  const value = valid ?? defaults ?? (schema["type"] === "array" ? [] : undefined);
  if (value === undefined) throw new Error(`the form has no value for ${JSON.stringify(schema)}`);
  return value;
}

/** `a.b`, `{{a.b}}`, or a text with such references. */
function referenced(reference: string, context: FormContext): unknown {
  const at = (path: string) =>
    path.split(".").reduce<unknown>((value, key) => (isSchema(value) ? value[key] : undefined), context);
  if (!reference.includes("{{")) return at(reference);
  const whole = /^\{\{([^{}]+)\}\}$/.exec(reference)?.[1];
  if (whole !== undefined) return at(whole);
  return reference.replaceAll(/\{\{([^{}]+)\}\}/g, (_, path: string) => String(at(path)));
}
