/** Other values for each setting of a stack, to see what they would change. */
import type { Path } from "../../stacks/settings/cures.ts";
import { jsonSchemaOf } from "../../stacks/settings/schema-problems.ts";
import { type JsonSchema, schemaAt, valueAt } from "../../stacks/settings/schema-paths.ts";
import { type Settings, type SettingsKey, settingsSchemas } from "../../stacks/settings/schemas.ts";
import { branchesOf, sampleOf } from "./samples.ts";

export type Values = Readonly<Record<string, unknown>>;

/** One other value. */
export interface Trial {
  /** What is written instead: the setting itself, or the object that its word chooses. */
  readonly path: Path;
  /** Undefined: it is taken away. */
  readonly value: unknown;
  /** As a person reads it. */
  readonly told: string;
}

/** A setting that can be tried. */
export interface Candidate {
  readonly path: Path;
  /** What it is now, with the default where nothing is written. */
  readonly value: unknown;
  readonly written: boolean;
  /** Whether it is a word that decides which settings are beside it. */
  readonly chooses: boolean;
  readonly trials: readonly Trial[];
}

/** Every single value of the settings, those by default too. */
export function candidates(settings: Settings, values: Values): Candidate[] {
  const below = (path: Path): Candidate[] => {
    const value = valueAt(settings, path);
    if (value === undefined || value === null) return [];
    if (typeof value !== "object" || Array.isArray(value)) return [candidateAt(path, settings, values)];
    return Object.keys(value).flatMap((key) => below([...path, key]));
  };
  return Object.keys(settingsSchemas).flatMap((key) => below([key]));
}

/** One setting, also one that has no value. */
export function candidateAt(path: Path, settings: Settings, values: Values): Candidate {
  const value = valueAt(settings, path);
  const written = valueAt(values, path) !== undefined;
  const branches = branchesBeside(path, values);
  const removal: Trial[] = written ? [{ path, value: undefined, told: "taken away" }] : [];
  const others = othersThan(value, schemaOf(path, values));
  const trials =
    branches.length > 0
      ? wordTrials(path, value, branches, values)
      : [...removal, ...others.map((other) => ({ ...inPlace(path, other, settings, values), told: told(other) }))];
  return { path, value, written, chooses: branches.length > 0, trials };
}

/** What is written where nothing was: the whole default around it, with the one value in it. */
function inPlace(path: Path, value: unknown, settings: Settings, values: Values): Omit<Trial, "told"> {
  const written = path.findIndex((_, index) => valueAt(values, path.slice(0, index + 1)) === undefined);
  const around = written < 0 ? path : path.slice(0, written + 1);
  const whole: unknown = valueAt(settings, around);
  if (around.length === path.length || typeof whole !== "object" || whole === null) return { path, value };
  const changed = structuredClone(whole) as Record<string | number, unknown>;
  const inside = path.slice(around.length);
  const holder = valueAt(changed, inside.slice(0, -1)) as Record<string | number, unknown> | undefined;
  if (holder === undefined) return { path, value };
  holder[inside.at(-1) ?? ""] = value;
  return { path: around, value: changed };
}

function told(value: unknown): string {
  return JSON.stringify(value);
}

/** The schema of a setting; empty where there is none. */
export function schemaOf([key = "", ...rest]: Path, values: Values): JsonSchema {
  const schema = settingsSchemas[key as SettingsKey] as (typeof settingsSchemas)[SettingsKey] | undefined;
  return schema === undefined ? {} : schemaAt(jsonSchemaOf(schema), rest, values[key]);
}

/** Branches of the union that a setting's word chooses from; none where it is an ordinary setting. */
function branchesBeside(path: Path, values: Values): JsonSchema[] {
  const [word = ""] = path.slice(-1);
  const parent = path.slice(0, -1);
  const [key = "", ...rest] = parent;
  if (rest.length === 0 && parent.length === 0) return [];
  const [name, ...above] = rest.toReversed();
  const holder = schemaOf([key, ...above.toReversed()], values);
  const schema = name === undefined ? jsonSchemaOf(settingsSchemas[key as SettingsKey]) : holder.properties?.[name];
  const branches = typeof schema === "object" ? branchesOf(schema) : [];
  return branches.filter((branch) => constantOf(branch, String(word)) !== undefined);
}

function constantOf({ properties }: JsonSchema, name: string): unknown {
  const field = properties?.[name];
  return typeof field === "object" ? field.const : undefined;
}

/** Another word asks for other settings beside it: those that it knows stay, and what it needs is made up. */
function wordTrials(path: Path, value: unknown, branches: readonly JsonSchema[], values: Values): Trial[] {
  const parent = path.slice(0, -1);
  const present = Object.entries((valueAt(values, parent) ?? {}) as Values);
  return branches.flatMap((branch): Trial[] => {
    const word = constantOf(branch, String(path.at(-1)));
    if (word === value) return [];
    const kept = present.filter(([name]) => branch.properties?.[name] !== undefined);
    const needed = sampleOf(branch) as Values;
    const object = { ...needed, ...Object.fromEntries(kept), [String(path.at(-1))]: word };
    return [{ path: parent, value: object, told: told(word) }];
  });
}

/** Values that the schema may accept, the most telling first. */
function othersThan(value: unknown, schema: JsonSchema): unknown[] {
  const choices: unknown[] = schema.enum ?? branchesOf(schema).flatMap(({ const: only }) => only ?? []);
  if (choices.length > 0) return choices.filter((choice) => choice !== value).slice(0, 3);
  switch (typeof value) {
    case "undefined":
      return [sampleOf(schema)];
    case "boolean":
      return [!value];
    case "number":
      return [value + 1, value - 1, value + 3];
    case "string":
      return [value.replace(/\d+/, (digits) => String(Number(digits) + 1)), `x${value}`, `${value}x`, sampleOf(schema)]
        .filter((text) => text !== value)
        .slice(0, 3);
    default:
      return Array.isArray(value) && value.length > 0 ? [value.slice(0, -1), sampleOf(schema)] : [sampleOf(schema)];
  }
}
