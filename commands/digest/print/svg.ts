/** The picture for HTML: a drawing of its own, because a page must not fetch a script. */
import type { PartFate, Picture } from "../page.ts";
import { colours, marks } from "./mermaid.ts";
import { escaped } from "./escaped.ts";

const box = { width: 190, height: 44 };
const gap = { x: 24, y: 46 };
const perRow = 5;

/** Parts in rows: each lies above everything that it waits for, as in the README. */
export function svg({ parts, arrows }: Picture): string {
  const rows = rowsOf(
    parts.map(({ id }) => id),
    arrows,
  )
    .flatMap(wrapped)
    .toReversed();
  const places = new Map(
    rows.flatMap((row, y) =>
      row.map((id, x) => [id, { x: x * (box.width + gap.x) + 1, y: y * (box.height + gap.y) + 1 }] as const),
    ),
  );
  const width = Math.max(1, ...rows.map(({ length }) => length)) * (box.width + gap.x) - gap.x + 2;
  const height = rows.length * (box.height + gap.y) - gap.y + 2;
  const lines = arrows.flatMap(([from, to]) => {
    const [start, end] = [places.get(from), places.get(to)];
    if (start === undefined || end === undefined) return [];
    const [x1, y1] = [start.x + box.width / 2, start.y + box.height];
    const [x2, y2] = [end.x + box.width / 2, end.y];
    return [
      `<path d="M${x1} ${y1} C${x1} ${y1 + gap.y / 2} ${x2} ${y2 - gap.y / 2} ${x2} ${y2}" class="arrow" marker-end="url(#tip)"/>`,
    ];
  });
  const boxes = parts.flatMap(({ id, name, type, fate }) => {
    const place = places.get(id);
    return place === undefined ? [] : [boxText(place, name, type, fate)];
  });
  const label = "Parts of the platform; an arrow means: waits for";
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${label}">`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" class="tip"/></marker></defs>`,
    ...lines,
    ...boxes,
    "</svg>",
  ].join("\n");
}

function boxText({ x, y }: { x: number; y: number }, name: string, type: string, fate: PartFate): string {
  const { fill, stroke, text } = colours[fate];
  const dashed = fate === "removed" ? ' stroke-dasharray="5 3"' : "";
  const words = `${escaped(name)}${marks[fate]}`;
  return [
    `<g><title>${words} (${escaped(type)})</title>`,
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="${fill}" stroke="${stroke}" stroke-width="1.5"${dashed}/>`,
    `<text x="${x + box.width / 2}" y="${y + 19}" fill="${text}" text-anchor="middle" font-weight="600">${escaped(name)}</text>`,
    `<text x="${x + box.width / 2}" y="${y + 35}" fill="${text}" text-anchor="middle" font-size="11">${fate === "unchanged" ? escaped(type) : marks[fate].trim()}</text></g>`,
  ].join("");
}

/** A row for each step of waiting: what waits for nothing comes first. */
function rowsOf(ids: readonly string[], arrows: Picture["arrows"]): string[][] {
  const depth = new Map(ids.map((id) => [id, 0]));
  // As many rounds as there are parts reach every depth; a circle, which cannot be, would end too.
  for (let round = 0; round < ids.length; round++) {
    for (const [from, to] of arrows)
      depth.set(from, Math.max(depth.get(from) ?? 0, Math.min(ids.length, (depth.get(to) ?? 0) + 1)));
  }
  const rows: string[][] = [];
  for (const id of ids) (rows[depth.get(id) ?? 0] ??= []).push(id);
  return rows.filter((row) => row.length > 0);
}

function wrapped(row: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(row.length / perRow) }, (_all, index) =>
    row.slice(index * perRow, (index + 1) * perRow),
  );
}
