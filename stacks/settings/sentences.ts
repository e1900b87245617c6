/** The one place that makes sentences of what is wrong with a stack file. Nothing reads them but people. */
import { lineOf, yamlPath } from "./config-commands.ts";
import type { Cure } from "./cures.ts";
import type { Problem } from "./problems.ts";

/** What is wrong, as the rest of a sentence that begins with the path. */
export function messageOf({ fault }: Pick<Problem, "fault">): string {
  switch (fault.kind) {
    case "unknown":
      return `is not a setting${fault.likely === undefined ? "" : `, did you mean \`${fault.likely}\`?`}`;
    case "missing":
      return `is missing (${fault.wanted})`;
    case "type":
      return `must be ${withArticle(fault.wanted)}, not ${fault.given === "nothing" ? "nothing" : withArticle(fault.given)}`;
    case "choice":
      return `${fault.isMissing ? "is missing" : "has a value that is not allowed"}: one of ${fault.choices.join(", ")}`;
    case "size":
      return `must be ${fault.bound} ${fault.limit}${fault.unit === "" ? "" : ` ${fault.unit}`}`;
    case "rule":
      return fault.reason;
  }
}

/** What to do, a line for each step; a `pulumi config` command where one can be written down. */
export function cureOf({ fault, cures }: Pick<Problem, "fault" | "cures">): string {
  const known = fault.kind === "unknown" ? [`Known here: ${fault.known.toSorted().join(", ")}.`] : [];
  return [...known, ...cures.flatMap(linesOf)].join("\n");
}

/** A problem with its sentences. */
export interface PrintedProblem extends Problem {
  readonly message: string;
  readonly cure: string;
}

export function printed(problem: Problem): PrintedProblem {
  return { ...problem, message: messageOf(problem), cure: cureOf(problem) };
}

/** A numbered list. */
export function listOf(problems: readonly Problem[]): string {
  return problems
    .map(printed)
    .map(
      ({ path, message, cure }, index) =>
        `  ${index + 1}. ${yamlPath(path)} ${message}\n     ${cure.replaceAll("\n", "\n     ")}`,
    )
    .join("\n")
    .trimStart();
}

function linesOf({ when, fixes }: Cure): string[] {
  const lines = fixes.map(lineOf);
  return when === undefined ? lines : [`or, ${when}: ${lines.join("; ")}`];
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
