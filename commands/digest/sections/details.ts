/** Every change with every field, folded, grouped by part. Nothing that the preview tells is missing here. */
import type { Change } from "../change.ts";
import type { Field } from "../fields.ts";
import { type Block, code, counted, line, type Section, type Text } from "../page.ts";
import { idOf } from "./parts.ts";

export function detailsSection(changes: readonly Change[]): Section {
  const parts = [...new Set(changes.map(({ part }) => idOf(part)))];
  const blocks = parts.map((id): Block => {
    const members = changes.filter(({ part }) => idOf(part) === id);
    const [name = "", type = ""] = id.split(" ");
    return {
      kind: "folded",
      title: line`${{ strong: name }} (${type}): ${counted(members.length, "change")}`,
      blocks: members.flatMap(changeBlocks),
    };
  });
  return { id: "details", title: "Everything, by part", blocks, nothing: [] };
}

function changeBlocks({ fate, label, fields, replacing, custom, urn }: Change): Block[] {
  const name = custom ? label : `${label} itself`;
  const by = replacing.length === 0 ? [] : line` by ${code(replacing.join(", "))}`;
  const head = line`${fate} ${{ strong: name }}${by} ${code(urn)}`;
  if (fields.length === 0) return [{ kind: "list", items: [head] }];
  return [
    { kind: "list", items: [head] },
    { kind: "table", head: ["field", "before", "after"], rows: fields.map(fieldRow) },
  ];
}

function fieldRow({ path, before, after }: Field): Text[] {
  return [[code(path)], valueText(before), valueText(after)];
}

function valueText(value: string | undefined): Text {
  return value === undefined ? ["–"] : [code(value)];
}
