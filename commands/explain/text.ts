/** An explanation as a person reads it. */
import type { Cause, Explanation, HostExplanation, ResourceExplanation, SettingExplanation } from "./explanation.ts";

export function textOf(explanation: Explanation): string {
  switch (explanation.kind) {
    case "resource":
      return resourceText(explanation);
    case "host":
      return hostText(explanation);
    case "setting":
      return settingText(explanation);
  }
}

function resourceText(told: ResourceExplanation): string {
  const [makers, shapers] = [told.causes.filter(makes), told.causes.filter((cause) => !makes(cause))];
  return page(told.label, [
    ["part of", [told.part === told.label ? "the platform itself" : told.part]],
    ["what for", told.purpose === undefined ? [] : [told.purpose]],
    ["holds", told.holds === 0 ? [] : [`${told.holds} resources`]],
    ["made by", makers.length === 0 ? ["no setting that could be tried takes it away"] : makers.map(causeText)],
    ["shaped by", shapers.map(causeText)],
    ["waits for", told.waitsFor.length === 0 ? ["nothing"] : told.waitsFor],
    ["waited for by", told.waitedForBy.length === 0 ? ["nothing"] : told.waitedForBy],
    ["more", told.page === undefined ? [] : [told.page]],
  ]);
}

function hostText(told: HostExplanation): string {
  return page(`${told.host} (${told.role})`, [
    ["made by", told.causes.map(causeText)],
    ["answered by", told.servedBy.length === 0 ? ["nothing in this stack"] : told.servedBy],
    ["named by", told.namedBy],
    ["more", told.page === undefined ? [] : [told.page]],
  ]);
}

function settingText(told: SettingExplanation): string {
  const tried = told.tried.flatMap(({ with: other, removes, adds, changes }) => {
    const lines = [
      ...[removes].filter(isFull).map((all) => `takes away ${some(all)}`),
      ...[adds].filter(isFull).map((all) => `adds ${some(all)}`),
      ...[changes].filter(isFull).map((all) => `changes ${some(all)}`),
    ];
    return [`${other}: ${lines.length === 0 ? "changes nothing" : lines.join("; ")}`];
  });
  const { value, written } = told;
  const now = value === undefined ? [] : [`${value}${written ? "" : " (default)"}`];
  return page(told.setting, [
    ["meaning", told.meaning === undefined ? [] : [told.meaning]],
    ["is", told.unread !== undefined ? [`not read by this stack: ${told.unread}`] : isFull(now) ? now : notShown(told)],
    ["otherwise", tried],
    ["below it", told.below],
    ["more", told.page === undefined ? [] : [told.page]],
  ]);
}

function notShown({ written, below }: SettingExplanation): string[] {
  if (below.length > 0) return [];
  return [written ? "a secret, or empty" : "not set"];
}

function isFull(list: readonly string[]): boolean {
  return list.length > 0;
}

function makes({ does }: Cause): boolean {
  return does === "makes";
}

function causeText({ setting, value, written, does, with: other, where }: Cause): string {
  const now = `${setting}: ${value ?? "[secret]"}${written ? "" : " (default)"}`;
  const otherwise = other === "taken away" ? "without it" : `with ${other}`;
  return does === "makes" ? `${now} – ${otherwise} it is not there` : `${now} – ${otherwise}: ${some(where)}`;
}

const shortest = 6;

function some(all: readonly string[]): string {
  const names = all.slice(0, shortest).join(", ");
  return all.length > shortest ? `${names} and ${all.length - shortest} more` : names;
}

const width = 15;

function page(title: string, rows: readonly (readonly [string, readonly string[]])[]): string {
  const lines = rows.flatMap(([name, values]) =>
    values.map((value, index) => `  ${(index === 0 ? name : "").padEnd(width)}${value}`),
  );
  return [title, ...lines].join("\n");
}
