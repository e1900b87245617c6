import { createHash } from "node:crypto";

/** Starts new pods when the configuration changes, which they read only when they start. */
export function configHash(content: object): Record<string, string> {
  return { "datalab.dev/config-hash": createHash("sha256").update(JSON.stringify(content)).digest("hex") };
}
