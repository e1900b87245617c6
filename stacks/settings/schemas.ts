/** The schema of each key of a stack file, and what they give. */
import type { z } from "zod";

import { type AnyPart, parts } from "../parts.ts";

type Schemas = { readonly [P in AnyPart as P["key"]]: P["settings"] };

/** One key of the stack file for each part. */
export const settingsSchemas = Object.fromEntries(parts.map(({ key, settings }) => [key, settings])) as Schemas;

export type SettingsKey = keyof typeof settingsSchemas;

/** What the schemas give. */
export type ParsedSettings = { readonly [Key in SettingsKey]: z.infer<(typeof settingsSchemas)[Key]> };

/** Everything that a stack file says, with defaults filled in. */
export interface Settings extends ParsedSettings {
  readonly platform: ParsedSettings["platform"] & { readonly protectData: boolean };
}
