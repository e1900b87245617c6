/** Prints a report for people. */
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import type { PrintedProblem } from "../../stacks/settings/sentences.ts";
import type { ChangedOutput, Fate } from "./plan.ts";
import type { Refusal, Report, ResourceReport, SettingsReport } from "./report.ts";

const width = 110;

/** What would happen, the worst first. */
export function reportText(report: Report): string {
  const { data, moves, outputs, commands, stack } = report;
  return sections(
    `What would happen to stack ${stack}. Nothing was changed.`,
    ["Settings", settingLines(report.settings)],
    [
      "DATA AT RISK: save it first",
      data.map(({ resource, holds, consequence }) => {
        const mark = resource.protected ? ", protected" : "";
        return `${resource.label}: ${holds}: ${consequence} (${resource.fate}${mark})`;
      }),
    ],
    [
      "To carry over by hand",
      moves.flatMap(({ what, before, after }) => [
        what,
        "  before the switch:",
        ...before.map((line) => `    ${line}`),
        "  after it:",
        ...after.map((line) => `    ${line}`),
      ]),
    ],
    ["Outputs that change: let names that lead to an old address lead to the new one", outputs.map(outputLine)],
    [resourceTitle(report), resourceLines(report)],
    ["To do it", [...commands.release, ...commands.settings, ...commands.unprotect, commands.up]],
  );
}

/** Why the settings are refused, and what to add. */
export function refusalText(refusal: Refusal): string {
  return sections(
    `Stack ${refusal.stack} cannot be switched like this. Nothing was changed.`,
    ["Settings", settingLines(refusal.settings)],
    ["Settings that become necessary", refusal.necessary.flatMap(problemLines)],
    ["Settings that do not go together", refusal.contradictions.flatMap(problemLines)],
    ["Try again, with your values", [refusal.tryAgain]],
  );
}

function sections(title: string, ...parts: readonly (readonly [string, readonly string[]])[]): string {
  const filled = parts.filter(([, lines]) => lines.length > 0);
  return [title, ...filled.map(([head, lines]) => [head, ...lines.map((line) => `  ${line}`)].join("\n"))].join("\n\n");
}

function settingLines({ set, removed, meaningless }: SettingsReport): string[] {
  return [
    ...set.map(({ setting, value }) => `${setting} = ${value === undefined ? "[secret]" : String(value)}`),
    ...removed.map((setting) => `${setting} is removed`),
    ...meaningless.map((setting) => `${setting} becomes meaningless, and is removed`),
  ];
}

function problemLines({ path, message, cure }: PrintedProblem): string[] {
  return [`${yamlPath(path)} ${message}`, ...cure.split("\n").map((line) => `  ${line}`)];
}

function outputLine({ name, before, after, unknown }: ChangedOutput): string {
  return `${name}: ${before ?? "(none)"} → ${unknown ? "(known after the switch)" : (after ?? "(none)")}`;
}

const visible: readonly Fate[] = ["removed", "replaced", "added", "changed", "moved"];

function resourceTitle({ resources }: Report): string {
  const counts = [...visible, "unchanged" as const].map((fate) => `${resources[fate].length} ${fate}`);
  return `Resources: ${counts.join(", ")}`;
}

function resourceLines({ resources }: Report): string[] {
  const all = visible.flatMap((fate) => resources[fate]);
  const components = [...new Set(all.map(({ component }) => component))];
  return components.flatMap((component) => {
    const members = all.filter((resource) => resource.component === component);
    return [
      component,
      ...visible.flatMap((fate) =>
        fateLines(
          fate,
          members.filter((resource) => resource.fate === fate),
        ),
      ),
    ];
  });
}

function fateLines(fate: Fate, resources: readonly ResourceReport[]): string[] {
  if (resources.length === 0) return [];
  const names = resources.map(({ label, from, custom }) => {
    const name = custom ? label : "itself";
    return fate === "moved" ? `${name} (was ${from?.split("::").at(-1) ?? ""})` : name;
  });
  return wrapped(`  ${fate}: `, names);
}

/** Fills lines with words that belong together. */
function wrapped(head: string, names: readonly string[]): string[] {
  const lines = [head];
  names.forEach((name, index) => {
    const text = index === names.length - 1 ? name : `${name}, `;
    const last = lines.at(-1) ?? "";
    if (last.length > head.length && last.length + text.trimEnd().length > width)
      lines.push(" ".repeat(head.length) + text);
    else lines[lines.length - 1] = last + text;
  });
  return lines.map((line) => line.trimEnd());
}
