/** Reads what `helm get all` prints. */
import { parse, parseAllDocuments } from "yaml";

import { isObject, type Json } from "./fields.ts";

export interface ReleaseInfo {
  /** Objects of the release. */
  readonly objects: readonly Json[];
  /** Scalars among the values that the launch gave, by dotted path. */
  readonly values: Readonly<Record<string, string>>;
  readonly notes: string | undefined;
}

const sections = /\nUSER-SUPPLIED VALUES:\n(.*)COMPUTED VALUES:\n.*HOOKS:\n.*MANIFEST:\n(.*)$/s;

/** @throws Error if it is something else, such as nothing. */
export function readReleaseInfo(text: string): ReleaseInfo {
  const [, values, rest] = sections.exec(text) ?? [];
  if (values === undefined || rest === undefined) throw new Error("helm get all: unparsable release info");
  const [manifest = "", notes] = rest.split("NOTES:");
  return { objects: objectsOf(manifest), values: Object.fromEntries(scalars(parse(values), [])), notes };
}

/** Objects of a manifest. */
export function objectsOf(manifest: string): Json[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const object: unknown = document.toJS();
    return isObject(object) ? [object] : [];
  });
}

/** Lists are left out, as the API leaves them out. */
function scalars(value: unknown, path: readonly string[]): [string, string][] {
  if (isObject(value)) return Object.entries(value).flatMap(([key, inner]) => scalars(inner, [...path, key]));
  if (path.length === 0 || Array.isArray(value)) return [];
  return [[path.join("."), typeof value === "string" ? value : JSON.stringify(value)]];
}
