/** The picture for Markdown: GitHub and GitLab draw Mermaid. */
import type { PartFate, Picture } from "../page.ts";

/** Fill, border and text, readable on light and dark pages. */
export const colours: Readonly<
  Record<PartFate, { readonly fill: string; readonly stroke: string; readonly text: string }>
> = {
  added: { fill: "#d1f0d9", stroke: "#1a7f37", text: "#0b3d1b" },
  removed: { fill: "#ffd7d5", stroke: "#cf222e", text: "#5f0a10" },
  replaced: { fill: "#ffdfb6", stroke: "#bc4c00", text: "#522000" },
  changed: { fill: "#fff3b8", stroke: "#9a6700", text: "#3f2b00" },
  unchanged: { fill: "#f0f1f3", stroke: "#818b98", text: "#30363d" },
};

export function mermaid({ parts, arrows }: Picture): string {
  const ids = new Map(parts.map(({ id }, index) => [id, `p${index}`]));
  const nodes = parts.map(({ id, name, fate }) => `  ${ids.get(id) ?? ""}["${quoted(name)}${marks[fate]}"]:::${fate}`);
  const edges = arrows.map(([from, to]) => `  ${ids.get(from) ?? ""} --> ${ids.get(to) ?? ""}`);
  const used = Object.entries(colours).filter(([fate]) => parts.some((part) => part.fate === fate));
  const classes = used.map(
    ([fate, { fill, stroke, text }]) => `  classDef ${fate} fill:${fill},stroke:${stroke},color:${text}`,
  );
  return ["```mermaid", "flowchart BT", ...nodes, ...edges, ...classes, "```"].join("\n");
}

/** Colour is not all that tells. */
export const marks: Readonly<Record<PartFate, string>> = {
  added: " + added",
  removed: " − removed",
  replaced: " ↻ replaced in part",
  changed: " ~ changed",
  unchanged: "",
};

function quoted(text: string): string {
  return text.replaceAll('"', "#quot;");
}
