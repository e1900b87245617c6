/** Reads a stack file: the only code that touches Pulumi's configuration. */
import * as pulumi from "@pulumi/pulumi";

import { credentialProblems } from "./credentials.ts";
import type { Path } from "./cures.ts";
import { keyProblems } from "./keys.ts";
import type { Problem } from "./problems.ts";
import { SettingsError } from "./settings-error.ts";
import { repair } from "./repair.ts";
import { ruleProblems } from "./rules.ts";
import { problemsOf } from "./schema-problems.ts";
import { type ParsedSettings, type Settings, type SettingsKey, settingsSchemas } from "./schemas.ts";
import { type StackFile, valueOf } from "./stack-file.ts";

/** Settings of the running stack. @throws SettingsError with every mistake of the stack file */
export function loadSettings(): Settings {
  return parseSettings(readStackFile());
}

/** Checks a stack file. @throws SettingsError with every mistake of it */
export function parseSettings(file: StackFile): Settings {
  const known = Object.keys(settingsSchemas);
  const problems: Problem[] = keyProblems(file, known);
  const valid: Partial<Record<SettingsKey, unknown>> = {};
  const madeUp: Path[] = [];
  for (const [key, schema] of entriesOf(settingsSchemas)) {
    // A component whose every setting has a default may be left out; it is an empty object then.
    const input = file.values[key] ?? (schema.safeParse(undefined).success ? undefined : {});
    problems.push(...problemsOf(key, schema, input));
    // A bad value does not keep the rules about others from running, so that all mistakes come in one round.
    const repaired = repair(schema, input);
    if (repaired === undefined) continue;
    valid[key] = repaired.data;
    madeUp.push(...repaired.places.map((place) => [key, ...place]));
  }
  problems.push(...credentialProblems(file), ...ruleProblems(valid as Partial<ParsedSettings>, madeUp));
  if (problems.length > 0) throw new SettingsError(file.stack, problems);
  return completed(valid as ParsedSettings);
}

/** With the defaults that depend on other settings. */
export function completed(settings: ParsedSettings): Settings {
  const { platform, cluster } = settings;
  return { ...settings, platform: { ...platform, protectData: platform.protectData ?? cluster.kind === "eks" } };
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}

const namespace = "datalab";
const prefix = `${namespace}:`;

function readStackFile(): StackFile {
  // Whatever `pulumi new` has called the project.
  const config = new pulumi.Config(namespace);
  const all = Object.keys(pulumi.runtime.allConfig());
  const keys = all.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return {
    stack: pulumi.getStack(),
    values: Object.fromEntries(keys.map((key) => [key, valueOf(config.get(key) ?? "null")])),
    secretKeys: keys.filter((key) => isSecret(`${prefix}${key}`)),
    foreignKeys: all.filter((key) => !key.startsWith(prefix)),
  };
}

function isSecret(key: string): boolean {
  // Exported by the SDK, but missing from its typings.
  return (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);
}
