/** What differs between two stack files. Secrets are told by name alone. */
import type { Inputs } from "../flip/engine-events.ts";
import { isSecret } from "../../stacks/settings/cures.ts";
import type { StackConfig } from "../stack-file/stack-file.ts";
import { switches } from "../../stacks/settings/switches.ts";
import { differingFields, documentIn, type Field } from "./fields.ts";

/** One setting that differs. */
export interface ChangedSetting {
  /** As `pulumi config set --path` names it, without `datalab:`. */
  readonly setting: string;
  /** Undefined where there was none, and of a secret. */
  readonly before: string | undefined;
  /** Undefined where it is taken away, and of a secret. */
  readonly after: string | undefined;
  readonly secret: boolean;
}

const prefix = "datalab:";

/** @param before what the first file says; secrets are still encrypted */
export function changedSettings(before: StackConfig, after: StackConfig): ChangedSetting[] {
  const names = new Set<string>();
  const [old, next] = [masked(before, names), masked(after, names)];
  return differingFields(old, next)
    .flatMap(({ path, before: was, after: is }) => single(path, was, is))
    .map(({ path, before: was, after: is }) => {
      const secret = names.has(path);
      return { setting: path, before: secret ? undefined : was, after: secret ? undefined : is, secret };
    })
    .toSorted((a, b) => Number(isWord(b.setting)) - Number(isWord(a.setting)));
}

/** The words that choose providers decide the most: they are told first. */
function isWord(setting: string): boolean {
  return Object.values(switches).some(({ path }) => path.join(".") === setting);
}

/** An object that comes or goes as a whole is told setting by setting. */
function single(path: string, before: string | undefined, after: string | undefined): Field[] {
  const value = documentIn(before ?? after);
  const isWhole = (before === undefined || after === undefined) && value !== undefined && !Array.isArray(value);
  if (!isWhole || Object.keys(value).length === 0) return [{ path, before, after }];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const text = typeof inner === "string" ? inner : JSON.stringify(inner);
    return single(`${path}.${key}`, before && text, after && text);
  });
}

/** The settings by key, with a fingerprint where a secret is: the encrypted text, which differs when the secret does. */
function masked(config: StackConfig, names: Set<string>): Inputs {
  const own = Object.entries(config).map(([key, value]) => [key.replace(prefix, ""), value] as const);
  return Object.fromEntries(own.map(([key, value]) => [key, maskedAt(value, [key], names)]));
}

function maskedAt(value: unknown, path: readonly string[], names: Set<string>): unknown {
  if (isSecret(path) || isEncrypted(value)) {
    names.add(path.join("."));
    return `secret ${JSON.stringify(value)}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskedAt(inner, [...path, key], names)]));
}

function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}
