/**
 * Makes a valid value of an invalid one, so that one bad setting does not hide what is wrong beside it. What was made up
 * for it is known, and a rule that reads any of it has no say.
 */
import type { z } from "zod";

import type { Path } from "./cures.ts";
import { valueAt } from "./schema-paths.ts";

export interface Repaired {
  readonly data: unknown;
  /** Where something was put, changed or taken away. */
  readonly places: readonly Path[];
}

/** Values of the kinds that settings ask for. */
const guesses: readonly unknown[] = [
  "x",
  "example.org",
  "x@example.org",
  "https://example.org",
  "192.0.2.1",
  1,
  true,
  {},
];

/** More would be a file with nothing right in it. */
const mostRepairs = 20;

/** @returns undefined where no such value was found */
export function repair(schema: z.ZodType, input: unknown): Repaired | undefined {
  let value: unknown = structuredClone(input);
  const places: Path[] = [];
  for (let repairs = 0; repairs < mostRepairs; repairs++) {
    const result = schema.safeParse(value);
    if (result.success) return { data: result.data, places };
    const [issue] = result.error.issues;
    if (issue === undefined) return undefined;
    for (const path of pathsOf(issue)) {
      const better = candidates(issue)
        .map((candidate) => changed(value, path, candidate))
        .find((one) => !isWrong(schema, one, path));
      if (better === undefined) return undefined;
      value = better;
      places.push(path);
    }
  }
  return undefined;
}

type Issue = z.core.$ZodIssue;

function pathsOf(issue: Issue): Path[] {
  const path = issue.path as Path;
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
}

/** Stands for nothing in the place of the value. */
const nothing = Symbol("nothing");

function candidates(issue: Issue): unknown[] {
  const values = "values" in issue ? (issue.values as unknown[]) : [];
  const options = "options" in issue && Array.isArray(issue.options) ? (issue.options as unknown[]) : [];
  return [nothing, ...values, ...options, ...guesses];
}

function changed(value: unknown, path: Path, candidate: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return candidate === nothing ? undefined : candidate;
  const copy: unknown = structuredClone(value);
  const parent = valueAt(copy, path.slice(0, -1));
  if (typeof parent !== "object" || parent === null) return copy;
  if (candidate !== nothing) Reflect.set(parent, last, candidate);
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else Reflect.deleteProperty(parent, last);
  return copy;
}

/** What lies inside a value may still be wrong: it is next. */
function isWrong(schema: z.ZodType, value: unknown, path: Path): boolean {
  const result = schema.safeParse(value);
  const here = path.join("\n");
  return !result.success && result.error.issues.some((issue) => pathsOf(issue).some((one) => one.join("\n") === here));
}
