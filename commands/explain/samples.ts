/** Made-up values that a schema accepts: for settings that are only tried, and never written. */
import type { JsonSchema } from "../../stacks/settings/schema-paths.ts";

/** One of these fits whatever a text has to look like. */
const texts = [
  ...["sample.example.org", "sample", "https://sample.example.org", "192.0.2.1", "192.0.2.0/24", "10.0.0.0/16"],
  ...[
    "10m",
    "10Gi",
    "123456789012",
    "eu-west-3",
    "eu-west-3a",
    "m7i.xlarge",
    "vpc-0123456789abcdef0",
    "Z0123456789ABCDEFGHIJ",
  ],
  ...["arn:aws:iam::123456789012:role/sample", "subnet-0123456789abcdef0", "sample@example.org", "Namespace/sample"],
];

/** A value with no more in it than must be; undefined where none is known. */
export function sampleOf(schema: JsonSchema, index = 0): unknown {
  const [branch] = branchesOf(schema);
  if (branch !== undefined) return sampleOf(branch, index);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[index] ?? schema.enum[0];
  switch (schema.type) {
    case "object":
      return objectOf(schema);
    case "array": {
      const items = typeof schema.items === "object" && !Array.isArray(schema.items) ? schema.items : {};
      return Array.from({ length: Math.max(schema.minItems ?? 0, 1) }, (_, place) => sampleOf(items, place));
    }
    case "boolean":
      return true;
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 1, 1) + index;
    default:
      return textOf(schema);
  }
}

function objectOf(schema: JsonSchema): Record<string, unknown> {
  const required = schema.required ?? [];
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => required.includes(name));
  const named = fields.map(([name, field]) => [name, typeof field === "object" ? sampleOf(field) : undefined]);
  if (named.length > 0) return Object.fromEntries(named) as Record<string, unknown>;
  const entry = schema.additionalProperties;
  return typeof entry === "object" ? { sample: sampleOf(entry) } : {};
}

function textOf({ pattern, minLength = 0, maxLength = Infinity }: JsonSchema): string {
  const fits = (text: string) => pattern === undefined || new RegExp(pattern).test(text);
  const sized = texts.filter(({ length }) => length >= minLength && length <= maxLength);
  return sized.find(fits) ?? texts.find(fits) ?? "sample";
}

/** The ways in which a value may look; none where there is one alone. */
export function branchesOf(schema: JsonSchema): JsonSchema[] {
  return (schema.oneOf ?? schema.anyOf ?? []).filter((one): one is JsonSchema => typeof one === "object");
}
