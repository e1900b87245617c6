import { PlatformError } from "../errors.ts";

/**
 * JSON for a property of Onyxia's API. Spring looks for placeholders in it and silently turns `${jwt:x}` into `x`, so
 * nothing that looks like one may be in it.
 */
export function springJson(property: string, value: unknown): string {
  const json = JSON.stringify(value);
  if (json.includes("${")) {
    throw new PlatformError(
      `The portal's \`${property}\` contains \`\${\`, which its API would take for a placeholder.`,
      "Remove it from the names, titles and addresses that go there.",
    );
  }
  return json;
}
