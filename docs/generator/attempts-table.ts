/** The tables of docs/isolation.md, from the rows that the tests try. */
import { actors, type Attempt } from "../../tests/support/isolation/attempt.ts";
import { groups, withEveryRight, withHyphens } from "../../tests/support/isolation/attempts.ts";
import { elsewhere } from "../../tests/support/isolation/elsewhere.ts";

/** How many attempts there are, a table for each group, and those of other tests. */
export function attemptsTable(): string {
  const all = [...groups, withEveryRight, withHyphens];
  const attempts = all.flatMap((group) => group.attempts);
  const refused = attempts.filter(({ expected }) => expected === "refused").length;
  const others = elsewhere.flatMap(({ rows }) => rows);
  const open = others.filter(({ tests }) => tests.length === 0).length;
  return [
    `${attempts.length} attempts on a real API server: ${refused} are refused, ${attempts.length - refused} are admitted because they do no harm. ` +
      `${others.length} more: ${others.length - open} by other tests, ${open} by none.`,
    ...all.flatMap(({ title, attempts: rows }) => [`### ${title}`, table(heads, rows.map(cellsOf))]),
    ...elsewhere.flatMap(({ title, rows }) => [
      `### ${title}`,
      table(
        ["no.", "attempt", "outcome", "test"],
        rows.map(({ no, attempt, outcome, tests }) => [no, attempt, outcome, tests.map(code).join(", ") || "none"]),
      ),
    ]),
  ].join("\n\n");
}

const heads = ["no.", "attempt", "by a", "outcome", "by, or why"];

function cellsOf({ no, attempt, who, expected, by }: Attempt): string[] {
  return [no, attempt, actors[who], expected, by.startsWith("datalab-") ? code(by) : by];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // A path of an attempt may hold what ends a cell.
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [head, head.map(() => "---"), ...rows].map(line).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
