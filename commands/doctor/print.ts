/** What people and CI read. */
import type { Result } from "./runner.ts";

const signs = { passed: "✓", warning: "!", failed: "✗", skipped: "-" } as const;

/** One step, as lines of text. */
export function textOf(result: Result): string {
  const head = `${signs[result.status]} ${result.title.padEnd(52)} ${time(result)}`.trimEnd();
  const detail = detailOf(result);
  return detail === undefined ? head : `${head}\n    ${detail}`;
}

/** The closing line. */
export function summaryOf(stack: string, results: readonly Result[]): string {
  const counts = (["passed", "warning", "failed", "skipped"] as const)
    .map((status) => ({ status, count: results.filter((result) => result.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status === "warning" ? (count === 1 ? "warning" : "warnings") : status}`);
  const first = results.find(({ status }) => status === "failed");
  const verdict =
    first === undefined ? `Stack ${stack} is usable` : `Stack ${stack} is not usable, first at: ${first.title}`;
  return `${verdict} (${counts.join(", ")}).`;
}

/** Everything, for programs. `steps` are in the order in which they ran. */
export function jsonOf(stack: string, results: readonly Result[]): string {
  return JSON.stringify({ stack, usable: isUsable(results), steps: results }, undefined, 2);
}

/** Warnings and skipped steps do not make a platform unusable. */
export function isUsable(results: readonly Result[]): boolean {
  return results.every(({ status }) => status !== "failed");
}

function detailOf(result: Result): string | undefined {
  switch (result.status) {
    case "passed":
      return undefined;
    case "skipped":
      return `skipped because ${result.because}`;
    case "warning":
    case "failed":
      return `${result.problem} (${result.hop}), likely because ${result.cause}. ${result.cure}.`;
  }
}

function time(result: Result): string {
  if (result.status === "skipped") return "";
  const note = result.status === "passed" && result.note !== undefined ? `  ${result.note}` : "";
  return `${String(result.milliseconds).padStart(6)} ms${note}`;
}
