/** Parts of the platform that come, go and change, with the settings that caused it. */
import { type Causes, settingsBehind } from "../causes.ts";
import type { Change, Difference } from "../change.ts";
import { type Graph, type Part, partOf } from "../graph.ts";
import {
  type Block,
  code,
  counted,
  type Inline,
  line,
  listed,
  type PartFate,
  type Section,
  type Text,
} from "../page.ts";
import type { ChangedSetting } from "../settings-difference.ts";

/** What becomes of one part. */
export interface PartChange extends Part {
  readonly fate: Exclude<PartFate, "unchanged">;
  /** Resources by what becomes of them. */
  readonly counts: Readonly<Partial<Record<Change["fate"], number>>>;
  readonly settings: readonly string[];
}

export function partChanges({ before, after, changes }: Difference, causes: Causes): PartChange[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const id = idOf(change.part);
    groups.set(id, [...(groups.get(id) ?? []), change]);
  }
  const [old, next] = [idsIn(before), idsIn(after)];
  return [...groups].flatMap(([id, members]) => {
    const [first] = members;
    if (first === undefined) return [];
    const { part } = first;
    const fate = !old.has(id) ? "added" : !next.has(id) ? "removed" : isReplaced(members) ? "replaced" : "changed";
    const settings = settingsBehind(part, causes, members).map(({ setting }) => setting);
    return [{ ...part, fate, counts: countsOf(members), settings }];
  });
}

/** Parts may have the same name before and after, and be something else: MinIO, and then S3. */
export function idOf({ name, type }: Part): string {
  return `${name} ${type}`;
}

export function idsIn(graph: Graph): Set<string> {
  return new Set([...graph.keys()].map((urn) => idOf(partOf(urn, graph))));
}

/** A part is made anew when all of it is that exists on its own. */
function isReplaced(members: readonly Change[]): boolean {
  return members.some(({ custom, fate }) => custom && fate === "replaced");
}

function countsOf(members: readonly Change[]): PartChange["counts"] {
  const counts: Partial<Record<Change["fate"], number>> = {};
  for (const { fate, custom } of members) if (custom) counts[fate] = (counts[fate] ?? 0) + 1;
  return counts;
}

export function partsSection(parts: readonly PartChange[], causes: Causes): Section {
  const rows = parts.map(({ name, type, fate, counts, settings }) => [
    line`${{ strong: name }} (${type})`,
    [fate === "replaced" ? "replaced in part" : fate],
    [
      Object.entries(counts)
        .map(([what, count]) => `${count} ${what}`)
        .join(", ") || "its inputs alone",
    ],
    settings.length === 0 ? line`the program` : listed(short(settings)),
  ]);
  const table: Block = { kind: "table", head: ["part", "is", "resources", "because of"], rows };
  return {
    id: "parts",
    title: "Parts, and the settings behind them",
    blocks: [...causeBlocks(causes), ...(rows.length === 0 ? [] : [table])],
    nothing: ["no part changes"],
  };
}

function short(settings: readonly string[]): Inline[] {
  const names = settings.slice(0, 3).map(code);
  return settings.length > 3 ? [...names, `${settings.length - 3} more`] : names;
}

function causeBlocks({ settings, program }: Causes): Block[] {
  const blocks: Block[] = [];
  if (settings.length > 0) blocks.push({ kind: "list", items: settings.map(settingLine) });
  if (program !== undefined && program.length > 0) {
    const folders = [...new Set(program.map((file) => file.split("/").slice(0, 2).join("/")))].toSorted();
    const text = line`The program differs in ${counted(program.length, "file")}: ${listed(folders.slice(0, 6).map(code))}${folders.length > 6 ? ", …" : ""}.`;
    blocks.push({ kind: "text", text });
  }
  return blocks;
}

export function settingLine({ setting, before, after, secret }: ChangedSetting): Text {
  if (secret) return line`${code(setting)}: another secret`;
  if (before === undefined) return line`${code(setting)}: new, ${code(after ?? "")}`;
  if (after === undefined) return line`${code(setting)}: taken away, was ${code(before)}`;
  return line`${code(setting)}: ${code(before)} → ${code(after)}`;
}
