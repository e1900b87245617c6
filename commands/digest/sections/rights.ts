/** Rights that are gained and lost: RBAC, policies of IAM and of stores, admission. */
import { shown } from "../../flip/engine-events.ts";
import type { Difference } from "../change.ts";
import { nameOf, type Node } from "../graph.ts";
import { type Block, code, counted, line, listed, type Section } from "../page.ts";
import { group } from "./group.ts";
import { type Statement, statementsIn } from "./statements.ts";

export interface Rights {
  /** Rights that are new, and walls that are gone or other ones. */
  readonly wider: readonly string[];
  readonly narrower: readonly string[];
  /** Policies that change, or are new, and whose text is only known after `up`. */
  readonly unread: readonly string[];
}

export function rightsOf({ before, after, changes }: Difference): Rights {
  const [old, next] = [statementsIn(before), statementsIn(after)];
  const come = [...next].filter(([key]) => !old.has(key)).map(([, one]) => one);
  const gone = [...old].filter(([key]) => !next.has(key)).map(([, one]) => one);
  const of = (list: readonly Statement[], kind: Statement["kind"]) => list.filter((one) => one.kind === kind);
  // A wall that goes with all that it held in lets nobody through.
  const missing = of(gone, "forbids").filter(({ urn }) => after.has(urn));
  const admission = admissionTexts(of(come, "admission"), of(gone, "admission"));
  return {
    wider: [...texts(of(come, "allows")), ...texts(missing).map(noLonger), ...admission.wider].toSorted(),
    narrower: [
      ...texts(of(gone, "allows")).map(noLonger),
      ...texts(of(come, "forbids")),
      ...admission.narrower,
    ].toSorted(),
    unread: changes
      .filter(({ fate }) => fate !== "removed")
      .flatMap(({ urn }) => after.get(urn) ?? [])
      .filter(isUnreadPolicy)
      .map(({ urn }) => nameOf(urn)),
  };
}

function noLonger(text: string): string {
  return `no longer: ${text}`;
}

/** One line for each holder and each thing, with all verbs. */
function texts(statements: readonly Statement[]): string[] {
  const groups = new Map<string, { readonly who: string; readonly what: string; readonly verbs: string[] }>();
  for (const { who, verb, what } of statements) {
    const key = `${who}\n${what}`;
    const known = groups.get(key) ?? { who, what, verbs: [] };
    groups.set(key, known);
    if (verb !== "") known.verbs.push(verb);
  }
  return [...groups.values()].map(({ who, what, verbs }) => {
    const all = verbs.toSorted().join(", ");
    // What it is about comes first: a long list of verbs may be cut.
    if (who.includes(":")) return `${who} on ${what}: ${all}`;
    return [who, all, what].filter((word) => word !== "").join(" ");
  });
}

/** Nobody can tell from two conditions which of them lets more through: another one counts as wider. */
function admissionTexts(come: readonly Statement[], gone: readonly Statement[]) {
  const holders = [...new Set([...come, ...gone].map(({ who }) => who))];
  const of = (list: readonly Statement[], who: string) => list.filter((one) => one.who === who);
  const wider: string[] = [];
  const narrower: string[] = [];
  for (const who of holders) {
    const [added, removed] = [of(come, who), of(gone, who)];
    if (removed.some(({ what }) => what === "")) wider.push(`${who} is gone: what it refused is let in`);
    else if (removed.length > 0)
      wider.push(`${who} has ${counted(removed.length, "other condition")}: see below whether it lets more in`);
    else
      narrower.push(
        `${who} refuses more: ${added.some(({ what }) => what === "") ? "it is new" : counted(added.length, "new condition")}`,
      );
  }
  return { wider, narrower };
}

/** A policy that is made from what AWS decides is one unknown text. */
function isUnreadPolicy({ type, inputs }: Node): boolean {
  if (!/^aws:(iam|s3|kms|efs)\//.test(type)) return false;
  return ["policy", "assumeRolePolicy"].some((key) => inputs[key] !== undefined && shown(inputs[key]) === undefined);
}

export function rightsSection({ wider, narrower, unread }: Rights): Section {
  const blocks: Block[] = [
    ...group("Wider: more may be done than before", wider, "+"),
    ...group("Narrower: less may be done than before", narrower, "−"),
  ];
  if (unread.length > 0) {
    const text = line`Not readable in a preview, because AWS decides a part of the text: ${counted(unread.length, "policy", "policies")} (${listed(unread.map(code))}). Read the code that makes them.`;
    blocks.push({ kind: "text", text });
  }
  return { id: "rights", title: "Who may do what", blocks, nothing: ["nobody gains or loses a right"] };
}
