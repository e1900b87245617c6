/** What may lose data, and what is replaced: the first thing a reviewer reads. */
import { type DataLoss, dataLosses } from "../../flip/data.ts";
import { type Causes, settingsBehind } from "../causes.ts";
import type { Change } from "../change.ts";
import { type Block, code, line, listed, type Section, type Text } from "../page.ts";
import { anewBlocks } from "./anew.ts";

/** One resource whose data is deleted, or left where nobody looks for it. */
export interface DataAtRisk {
  readonly urn: string;
  readonly label: string;
  readonly fate: "removed" | "replaced";
  /** As a person says it; undefined for what holds nothing that cannot be made again, but is protected. */
  readonly holds: string | undefined;
  readonly consequence: string;
  /** Fields that replace it. */
  readonly because: readonly string[];
  readonly settings: readonly string[];
  readonly protected: boolean;
}

/** What a person would miss, the worst first. */
export function dataAtRisk(changes: readonly Change[], causes: Causes): DataAtRisk[] {
  return dataLosses(changes).flatMap((loss) => {
    const change = changes.find(({ urn }) => urn === loss.resource.urn);
    return change === undefined || !isGone(change.fate) ? [] : [risk(loss, change, change.fate, causes)];
  });
}

function risk({ holds, consequence }: DataLoss, change: Change, fate: DataAtRisk["fate"], causes: Causes): DataAtRisk {
  return {
    urn: change.urn,
    label: change.label,
    fate,
    holds: holds === otherwiseProtected ? undefined : holds,
    consequence,
    because: change.replacing,
    settings: settingsBehind(change.part, causes, [change]).map(({ setting }) => setting),
    protected: change.protected,
  };
}

function isGone(fate: Change["fate"]): fate is DataAtRisk["fate"] {
  return fate === "removed" || fate === "replaced";
}

/** @param moves what `flip` says a person has to carry over */
export function dataSection(
  risks: readonly DataAtRisk[],
  changes: readonly Change[],
  moves: readonly string[],
): Section {
  const rows = risks.filter(({ holds }) => holds !== undefined);
  const rest = risks.filter(({ holds }) => holds === undefined);
  const blocks: Block[] = [];
  if (rows.length > 0)
    blocks.push({ kind: "table", head: ["holds data", "what happens", "because"], rows: rows.map(row) });
  if (rest.length > 0) {
    const names = rest.map(({ label, fate }) => line`${code(label)} (${fate})`);
    blocks.push({ kind: "text", text: line`Protected too, although it can be made again: ${listed(names)}.` });
  }
  if (moves.length > 0) {
    const head = line`To be carried over by hand (${code("npm run flip")} prints the commands):`;
    blocks.push({ kind: "text", text: head }, { kind: "list", items: moves.map((move) => [move]) });
  }
  blocks.push(...anewBlocks(changes.filter(({ urn }) => !risks.some((one) => one.urn === urn))));
  return {
    id: "data",
    title: "Data at risk, and what is replaced",
    blocks,
    nothing: ["nothing that holds data is removed or replaced, and nothing else is replaced"],
  };
}

function row({ label, fate, holds, consequence, because, settings, protected: isProtected }: DataAtRisk): Text[] {
  const shield = isProtected ? " It is protected: `up` refuses until that is lifted." : "";
  return [
    line`${{ strong: label }}: ${holds ?? ""}`,
    [`${fate}: ${consequence.replace(/^(is|are) /, "")}.${shield}`.replaceAll("`", "")],
    reasons(because, settings),
  ];
}

function reasons(because: readonly string[], settings: readonly string[]): Text {
  const names = settings.slice(0, 3).map(code);
  const set: Text =
    names.length === 0 ? ["the program says so"] : line`${listed([...names, ...more(settings.length - 3)])}`;
  if (because.length === 0) return set;
  if (because.includes("provider")) return line`it lies in another cluster: ${set}`;
  return line`${listed(because.slice(0, 3).map(code))} cannot be changed in place: ${set}`;
}

function more(count: number): string[] {
  return count > 0 ? [`${count} more`] : [];
}

/** That of `dataLosses` for what is protected and holds no data by its type. */
const otherwiseProtected = "what the program protects";
