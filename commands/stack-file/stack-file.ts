/** What a stack file says, as `pulumi up` reads it. */
import type { Document } from "yaml";

import { type StackFile, valueOf } from "../../stacks/settings/stack-file.ts";
import type { Pulumi } from "./pulumi.ts";
import { mapAt } from "./yaml.ts";

/** Beginning of the keys that are the program's. */
export const prefix = "datalab:";

/** What `pulumi config --json --show-secrets` says of one key. */
export interface PlainEntry {
  readonly value?: string;
  readonly objectValue?: unknown;
}

/** The object `config` of a stack file, each key with its namespace. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** Reads it. A key without a namespace is the project's, and `config` between both is a form of old. */
export function stackConfigOf(document: Document): StackConfig {
  const entries = Object.entries(mapAt(document, "config"));
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key.includes(":") ? key.replace(/^([^:]+):config:([^:]+)$/, "$1:$2") : `${prefix}${key}`,
      value,
    ]),
  );
}

/** Whether a setting is encrypted. */
export function holdsSecrets(config: StackConfig): boolean {
  return settingsIn(config).some(([, value]) => isOrHoldsSecret(value));
}

/** Values of a stack file with the secrets in clear. They stay in memory. @throws PulumiError */
export async function decrypted(pulumi: Pulumi, stack: string, file: string): Promise<Record<string, PlainEntry>> {
  const target = ["--stack", stack, "--config-file", file, "--non-interactive"];
  return JSON.parse(await pulumi.run(["config", "--json", "--show-secrets", ...target])) as Record<string, PlainEntry>;
}

/** The settings as the program gets them. `plain` has the decrypted values. */
export function stackFileOf(
  stack: string,
  config: StackConfig,
  plain: Readonly<Record<string, PlainEntry>> = {},
): StackFile {
  const entries = settingsIn(config);
  return {
    stack,
    values: Object.fromEntries(
      entries.map(([key, value]) => [key, revealed(handedOver(value), plainValue(plain[`${prefix}${key}`]))]),
    ),
    secretKeys: entries.filter(([, value]) => isOrHoldsSecret(value)).map(([key]) => key),
    foreignKeys: Object.keys(config).filter((key) => !key.startsWith(prefix)),
  };
}

function settingsIn(config: StackConfig): [string, unknown][] {
  return Object.entries(config)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
}

/** The engine hands a single value over as a text, and the program reads texts that are JSON. */
function handedOver(value: unknown): unknown {
  if (typeof value === "object" && value !== null) return value;
  return valueOf(String((value as string | number | boolean | null) ?? ""));
}

/** Pulumi writes a secret as an object with the one key `secure`. */
function isSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).join() === "secure" && typeof (value as { secure: unknown }).secure === "string";
}

/** Where each encrypted value stands, below `path`. */
export function secretPaths(value: unknown, path: readonly (string | number)[]): (readonly (string | number)[])[] {
  if (isSecret(value)) return [path];
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]: [string | number, unknown]) => secretPaths(inner, [...path, key]));
}

function isOrHoldsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(isOrHoldsSecret);
}

/** The same value with its secrets in clear. */
function revealed(value: unknown, plain: unknown): unknown {
  if (isSecret(value)) return plain ?? "[secret]";
  if (typeof value !== "object" || value === null) return value;
  const inner = (key: string | number) =>
    typeof plain === "object" && plain !== null ? (plain as Record<string | number, unknown>)[key] : undefined;
  if (Array.isArray(value)) return value.map((element: unknown, index) => revealed(element, inner(index)));
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, revealed(element, inner(key))]));
}

/** A key that is encrypted as a whole may hold JSON. */
function plainValue(entry: PlainEntry | undefined): unknown {
  if (entry?.objectValue !== undefined) return entry.objectValue;
  return entry?.value === undefined ? undefined : valueOf(entry.value);
}
