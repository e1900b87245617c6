/** A digest as one HTML file that fetches nothing: no script, no font, no picture from elsewhere. Nothing is cut in it. */
import type { Block, Inline, Page, Section, Text } from "../page.ts";
import { escaped } from "./escaped.ts";
import { style } from "./style.ts";
import { svg } from "./svg.ts";

export function html(page: Page): string {
  const items = page.headline.map((line) => `<li>${textOf(line)}</li>`).join("\n");
  const links = page.sections.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(page.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(page.title)}</h1>
<ul class="headline">
${items}
</ul>
</header>
${page.sections.length === 0 ? "" : `<nav aria-label="Sections"><ol>\n${links}\n</ol></nav>`}
<main>
${page.sections.map(sectionText).join("\n")}
</main>
</body>
</html>
`;
}

function sectionText({ id, title, blocks }: Section): string {
  return `<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${escaped(title)}</h2>\n${blocks.map(blockText).join("\n")}\n</section>`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "text":
      return `<p>${textOf(block.text)}</p>`;
    case "list":
      return `<ul>\n${block.items.map((item) => `<li>${textOf(item)}</li>`).join("\n")}\n</ul>`;
    case "table": {
      const head = block.head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("");
      const rows = block.rows.map((row) => `<tr>${row.map((cell) => `<td>${textOf(cell)}</td>`).join("")}</tr>`);
      // Who has no mouse must be able to move a wide table too.
      return `<div class="wide" role="region" aria-label="table" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
    }
    case "folded":
      return `<details><summary>${textOf(block.title)}</summary>\n${block.blocks.map(blockText).join("\n")}\n</details>`;
    case "picture":
      return `<div class="wide" role="region" aria-label="picture" tabindex="0">${svg(block.picture)}</div>`;
  }
}

function textOf(text: Text): string {
  return text.map(inline).join("");
}

function inline(part: Inline): string {
  if (typeof part === "string") return escaped(part);
  if ("code" in part) return `<code>${escaped(part.code)}</code>`;
  if ("strong" in part) return `<strong>${escaped(part.strong)}</strong>`;
  return part.to.startsWith("https://")
    ? `<a href="${escaped(part.to)}">${escaped(part.link)}</a>`
    : `${escaped(part.link)} (${escaped(part.to)})`;
}
