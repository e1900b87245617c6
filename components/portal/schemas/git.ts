import { draft, filledWith, type JsonSchema, oneLineEach, whenEnabled } from "./schema.ts";

/** What git needs, from the person's account page. */
export function git(): JsonSchema {
  const text = (title: string, reference: string) => ({
    type: "string",
    title,
    default: "",
    ...filledWith(reference),
    ...whenEnabled,
  });
  return {
    $schema: draft,
    title: "Git",
    type: "object",
    ...oneLineEach,
    properties: {
      enabled: { type: "boolean", title: "Configure git in the service", default: true },
      name: text("Name", "{{git.name}}"),
      email: text("Mail address", "{{git.email}}"),
      cache: text("Seconds that credentials are kept", "{{git.credentials_cache_duration}}"),
      token: { ...text("Personal access token", "{{git.token}}"), render: "password" },
      repository: text("Repository", "{{git.project}}"),
      branch: { type: "string", title: "Branch", default: "", ...whenEnabled },
    },
  };
}
