/** A digest as Markdown for a comment on a pull request. */
import type { Block, Inline, Page, Section, Text } from "../page.ts";
import { mermaid } from "./mermaid.ts";

/** Characters of a comment on GitHub. @see https://docs.github.com/en/rest/issues/comments */
export const longest = 65_536;

/** Characters of one value; the HTML page has all of it. */
const longestValue = 160;

/** Marks the comment, so that the next run finds it. */
export function commentMark(stack: string): string {
  return `<!-- datalab digest ${stack.replaceAll(/[^\w./-]/g, "_")} -->`;
}

/** At any size no longer than a comment may be: what is cut is said. */
export function markdown(page: Page, stack: string, limit = longest): string {
  const head = [
    commentMark(stack),
    `## ${escaped(page.title)}`,
    page.headline.map((line) => `- ${textOf(line)}`).join("\n"),
  ];
  const sections = page.sections.map((section) => ({ section, text: sectionText(section) }));
  const whole = [...head, ...sections.map(({ text }) => text)].join("\n\n");
  if (size(whole) + 1 <= limit) return `${whole}\n`;
  return `${shortened(head, sections, limit)}\n`;
}

/** Takes sections as long as there is room, and of the one that is too long as many blocks as fit. */
function shortened(
  head: readonly string[],
  sections: readonly { section: Section; text: string }[],
  limit: number,
): string {
  const taken: string[] = [...head];
  const cut: string[] = [];
  // The words that say what is cut need room too.
  const room = () => limit - 600 - size(taken.join("\n\n"));
  for (const { section, text } of sections) {
    if (size(text) + 2 <= room()) {
      taken.push(text);
      continue;
    }
    const parts = [`### ${escaped(section.title)}`];
    let left = 0;
    for (const block of section.blocks) {
      const next = blockText(block);
      if (size([...parts, next].join("\n\n")) + 2 <= room()) parts.push(next);
      else left += 1;
    }
    if (parts.length > 1) taken.push(parts.join("\n\n"));
    cut.push(`${section.title} (${left} of ${section.blocks.length} blocks)`);
  }
  taken.push(
    `**Cut, because a comment may have ${limit} characters:** ${cut.map(escaped).join("; ")}. The HTML page has all of it.`,
  );
  return taken.join("\n\n");
}

/** GitHub counts characters as code points or as UTF-16 units, depending on where: the larger number is safe. */
function size(text: string): number {
  return text.length;
}

function sectionText({ title, blocks }: Section): string {
  return [`### ${escaped(title)}`, ...blocks.map(blockText)].join("\n\n");
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "text":
      return textOf(block.text);
    case "list":
      return block.items.map((item) => `- ${textOf(item)}`).join("\n");
    case "table":
      return [block.head, block.head.map(() => "---"), ...block.rows.map((row) => row.map((cell) => textOf(cell)))]
        .map((cells) => `| ${cells.join(" | ")} |`)
        .join("\n");
    case "folded":
      return `<details><summary>${summaryOf(block.title)}</summary>\n\n${block.blocks.map(blockText).join("\n\n")}\n\n</details>`;
    case "picture":
      return mermaid(block.picture);
  }
}

function textOf(text: Text): string {
  return text.map(inline).join("");
}

function inline(part: Inline): string {
  if (typeof part === "string") return escaped(part);
  if ("code" in part) return codeSpan(part.code);
  if ("strong" in part) return `**${escaped(part.strong)}**`;
  return `[${escaped(part.link)}](${part.to})`;
}

/** HTML inside of `summary`: Markdown is not read there. */
function summaryOf(text: Text): string {
  return text
    .map((part) => {
      if (typeof part === "string") return html(part);
      if ("code" in part) return `<code>${html(part.code)}</code>`;
      return "strong" in part ? `<b>${html(part.strong)}</b>` : html(part.link);
    })
    .join("");
}

/** A value on one line. The fence is longer than any run of backticks in it, and a bar would end a table's cell. */
function codeSpan(value: string): string {
  const flat = value.replaceAll(/\s*\n\s*/g, " ⏎ ");
  const short = flat.length > longestValue ? `${flat.slice(0, longestValue)}… (${flat.length} characters)` : flat;
  if (short.trim() === "") return "(empty)";
  const longestRun = Math.max(0, ...[...short.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longestRun + 1);
  const pad = short.startsWith("`") || short.endsWith("`") ? " " : "";
  return `${fence}${pad}${short.replaceAll("|", "\\|")}${pad}${fence}`;
}

function escaped(text: string): string {
  return html(text)
    .replaceAll(/[\\`*_[\]|]/g, "\\$&")
    .replaceAll("@", "@\u200B");
}

function html(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
