/** What a switch asks of the settings, before any preview: which become meaningless, which necessary. */
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import { isWithin, type Path } from "../../stacks/settings/cures.ts";
import type { Problem } from "../../stacks/settings/problems.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { Change } from "./arguments.ts";
import { check, isRemoval, type Reader } from "./check.ts";
import { problemsAhead } from "./problems-ahead.ts";
import type { EditableStackFile } from "./stack-file.ts";

/** What became of the settings. */
export interface Settled {
  /** The changes as they were made: a number where a text is wanted has become that text. */
  readonly changes: readonly Change[];
  /** The settings as they are now; undefined where they are refused already. */
  readonly before: Settings | undefined;
  /** Settings of the present file that nobody would read any more. They are gone from the changed one. */
  readonly meaningless: readonly Path[];
  /** What stands in the way; empty when the settings are accepted. */
  readonly problems: readonly Problem[];
  /** The settings after the switch; undefined when they are refused. */
  readonly after: Settings | undefined;
}

/**
 * Changes the file, and checks it. A value that the present settings may hold, but not the changed ones, is taken away
 * when that is all the cure there is.
 */
export function settle(
  file: EditableStackFile,
  given: readonly Change[],
  removals: readonly Path[],
  read: Reader,
): Settled {
  const { settings: before, problems: old } = check(read(file));
  for (const path of removals) file.delete(path);
  for (const { path, value } of given) file.set(path, value);
  const changes = given.map((change) => asText(change, file, read));

  const known = new Set(old.map(({ path }) => yamlPath(path)));
  const meaningless: Path[] = [];
  for (;;) {
    const { settings: after, problems } = check(read(file));
    // The cure of a setting that nobody reads is its removal.
    const obsolete = problems.filter(
      (problem) =>
        isRemoval(problem) &&
        file.has(problem.path) &&
        !known.has(yamlPath(problem.path)) &&
        !changes.some(({ path }) => isWithin(path, problem.path)),
    );
    if (obsolete.length === 0)
      return { changes, before, meaningless, problems: problemsAhead(file, problems, read), after };
    for (const { path } of obsolete) {
      file.delete(path);
      meaningless.push(path);
    }
  }
}

/** Problems whose setting has no value: it becomes necessary. The others are values that do not go together. */
export function isMissing(problem: Problem, file: Pick<EditableStackFile, "has">): boolean {
  return !file.has(problem.path);
}

/** `pulumi config set --type string` for a text that only looks like a number, such as an account's. */
function asText(change: Change, file: EditableStackFile, read: Reader): Change {
  const { path, value } = change;
  const wanted = check(read(file)).problems.some(
    ({ path: at, fault }) => yamlPath(at) === yamlPath(path) && fault.kind === "type" && fault.wanted === "string",
  );
  if (typeof value === "string" || !wanted) return change;
  file.set(path, String(value));
  return { ...change, value: String(value) };
}
