/** JSON Schema of `Pulumi.<stack>.yaml`, for editors. */
import { z } from "zod";

import { settingsSchemas } from "../../stacks/settings/schemas.ts";

/** Where the generated schema lies; the first line of each stack file names it. */
export const stackFileSchemaPath = "docs/schema/stack-file.json";

/** The schema as the text of its file. */
export function stackFileSchema(): string {
  const keys = Object.fromEntries(
    Object.entries(settingsSchemas).map(([key, schema]) => [
      `datalab:${key}`,
      z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
    ]),
  );
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Stack file of datalab",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: keys,
        required: ["datalab:platform", "datalab:cluster"],
        // Settings of Pulumi itself and of its providers have other prefixes.
        patternProperties: { [`^datalab:(?!(${Object.keys(settingsSchemas).join("|")})$)`]: false },
      },
      encryptionsalt: { type: "string" },
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
    },
    required: ["config"],
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
