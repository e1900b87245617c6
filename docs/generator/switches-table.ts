/** The table of docs/switching.md: which words go together, from the table that checks them. */
import { allCombinations, refusals, refusalsOf, type Switch, switches } from "../../stacks/settings/switches.ts";

/** The words, the pairs that are refused, and how many combinations remain. */
export function switchesTable(): string {
  const all = allCombinations();
  const accepted = all.filter((combination) => refusalsOf(combination).length === 0);
  return [
    table(
      ["switch", "words"],
      Object.values(switches).map(({ path, words }) => [code(path.join(".")), words.map(code).join(", ")]),
    ),
    `Of ${all.length} combinations ${accepted.length} work. The others hold one of these pairs:`,
    table(
      ["word", "beside", "why not", "instead"],
      refusals.map(({ when, reason, instead }) => [...settingsOf(when), reason, settingsOf(instead).join(", ")]),
    ),
  ].join("\n\n");
}

function settingsOf(words: Partial<Record<Switch, string>>): string[] {
  return (Object.entries(words) as [Switch, string][]).map(([name, word]) =>
    code(`${switches[name].path.join(".")}: ${word}`),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
