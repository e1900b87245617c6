/** Lists that may be long. */
import { type Block, code, type Text } from "../page.ts";

/** Lines that are seen at once. The rest is one click away. */
const seen = 12;

/** A list with a title. */
export function group(title: string, lines: readonly string[], mark: string): Block[] {
  if (lines.length === 0) return [];
  const list = (part: readonly string[]): Block => ({
    kind: "list",
    items: part.map((one): Text => [`${mark} `, code(one)]),
  });
  const rest = lines.slice(seen);
  return [
    { kind: "text", text: [{ strong: title }] },
    list(lines.slice(0, seen)),
    ...(rest.length === 0 ? [] : [{ kind: "folded", title: [`${rest.length} more`], blocks: [list(rest)] } as const]),
  ];
}
