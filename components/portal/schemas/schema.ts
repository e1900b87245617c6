/** What all overrides are made of. The API checks them as JSON Schema draft 6, the web application draws the form. */

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Meta-schema that upstream's own files name; nothing here needs more than draft 6. */
export const draft = "http://json-schema.org/draft-07/schema#";

/** Not in the form; the web application sends the default all the same. */
export const hidden: JsonSchema = { "x-onyxia": { hidden: true } };

/** Value that nobody can change: the web application neither shows nor asks for it, the API refuses any other. */
export function fixed(type: "boolean" | "string", value: boolean | string): JsonSchema {
  return { type, const: value, default: value, ...hidden };
}

/** Shown only while the switch `enabled` beside it is on. */
export const whenEnabled: JsonSchema = { hidden: { value: false, path: "enabled", isPathRelative: true } };

/** Filled by the web application from what it knows of the person, the project and the region. */
export function filledWith(reference: string, rest: JsonSchema = {}): JsonSchema {
  return { "x-onyxia": { ...rest, overwriteDefaultWith: reference } };
}

/** What YAML takes for the end of a line. Within `not`: `$` stands before a last one in the API's kind of pattern. */
const noLineBreak: JsonSchema = { not: { type: "string", pattern: "[\\r\\n\\u0085\\u2028\\u2029]" } };

/**
 * Texts in an object are one line each, those too that no property names: charts put them into YAML without quotes,
 * and a line break there would begin another object.
 */
export const oneLineEach: JsonSchema = {
  patternProperties: { "^": { ...noLineBreak, patternProperties: { "^": noLineBreak } } },
};

/** One text, of one line. */
export const oneLine: JsonSchema = { type: "string", ...noLineBreak };

/** Text without the opening of a template: charts hand it to `tpl`, which would run it with helm's rights. */
export const noTemplate: JsonSchema = { type: "string", pattern: "^(?![\\s\\S]*\\{\\{)" };
