/** Settings with other values in them, read without the rules between components: a graph is all that is wanted of them. */
import type { Path } from "../../stacks/settings/cures.ts";
import { completed } from "../../stacks/settings/read.ts";
import { type ParsedSettings, type Settings, settingsSchemas } from "../../stacks/settings/schemas.ts";
import { jsonSchemaOf } from "../../stacks/settings/schema-problems.ts";
import { sampleOf } from "./samples.ts";
import type { Candidate, Trial, Values } from "./trials.ts";

/** Undefined where a component does not accept its settings. */
export function settingsWith(values: Values, trials: readonly Trial[]): Settings | undefined {
  const changed = structuredClone(values) as Record<string, unknown>;
  for (const { path, value } of trials) write(changed, path, value);
  // A word may lead to AWS; an account by itself changes nothing.
  changed["aws"] ??= sampleOf(jsonSchemaOf(settingsSchemas.aws));
  const parsed: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(settingsSchemas)) {
    const result = schema.safeParse(changed[key] ?? (schema.safeParse(undefined).success ? undefined : {}));
    if (!result.success) return undefined;
    parsed[key] = result.data;
  }
  return completed(parsed as ParsedSettings);
}

/** Without what no component accepts: one such value would spoil every group that it is tried in. */
export function accepted(candidate: Candidate, values: Values): Candidate[] {
  const trials = candidate.trials.filter((trial) => settingsWith(values, [trial]) !== undefined);
  return trials.length === 0 ? [] : [{ ...candidate, trials }];
}

function write(values: Record<string, unknown>, path: Path, value: unknown): void {
  const [step = "", ...rest] = path;
  const holder = values as Record<string | number, unknown>;
  if (rest.length > 0) {
    const inner = (holder[step] ?? {}) as Record<string, unknown>;
    holder[step] = inner;
    write(inner, rest, value);
  } else if (value === undefined) Reflect.deleteProperty(holder, step);
  else holder[step] = value;
}
