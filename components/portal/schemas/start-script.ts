import { draft, type JsonSchema, oneLineEach } from "./schema.ts";

/** A script of the person's own at the start. The region has none. */
export function startScript(): JsonSchema {
  const text = (title: string) => ({ type: "string", title, default: "" });
  return {
    $schema: draft,
    title: "Start script",
    type: "object",
    ...oneLineEach,
    properties: {
      personalInit: text("Address of a script that runs at the start"),
      personalInitArgs: text("Its arguments"),
    },
  };
}
