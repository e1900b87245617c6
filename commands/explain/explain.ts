/** Explains one thing of a stack: by its graph, and by the graphs that other settings would make. */
import { isSecret, type Path } from "../../stacks/settings/cures.ts";
import { planOf } from "../../stacks/plan.ts";
import type { JsonSchema } from "../../stacks/settings/schema-paths.ts";
import { valueAt } from "../../stacks/settings/schema-paths.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { Graph, Node } from "../digest/graph.ts";
import { listAt, objectAt, textAt } from "../digest/inputs.ts";
import { type Effect, effectsOn, type TryOut } from "./effects.ts";
import type {
  Cause,
  Explanation,
  HostExplanation,
  ResourceExplanation,
  SettingExplanation,
  Tried,
} from "./explanation.ts";
import { labelOf, withContents } from "./labels.ts";
import { pageOfSettings, purposeOf } from "./purpose.ts";
import type { Subject } from "./subject.ts";
import { settingsWith } from "./tried.ts";
import { type Candidate, candidateAt, schemaOf, type Values } from "./trials.ts";
import { partNameOf, topOf, waitingOf } from "./waiting.ts";

/** A stack as it is. */
export interface Stack {
  readonly settings: Settings;
  readonly values: Values;
  readonly secrets: readonly Path[];
  readonly graph: Graph;
  /** What can be tried. */
  readonly candidates: readonly Candidate[];
  readonly settingPaths: ReadonlyMap<string, JsonSchema>;
  readonly tryOut: TryOut;
}

export function explain(subject: Subject, stack: Stack): Promise<Explanation> {
  switch (subject.kind) {
    case "resource":
      return resource(subject.urn, stack);
    case "host":
      return Promise.resolve(host(subject, stack));
    case "setting":
      return setting(subject, stack);
  }
}

async function resource(urn: string, stack: Stack): Promise<ResourceExplanation> {
  const { graph, tryOut } = stack;
  const node = graph.get(urn);
  if (node === undefined) throw new Error(`no resource ${urn}`);
  const effects = await effectsOn(urn, graph, stack.candidates, tryOut);
  const component = node.custom ? (graph.get(topOf(urn, graph)) ?? node) : node;
  const { sentence, page } = purposeOf(component.type);
  return {
    kind: "resource",
    urn,
    label: labelOf(node),
    part: partNameOf(urn, graph),
    purpose: sentence,
    causes: causesOf(effects, stack),
    ...waitingOf(urn, graph),
    holds: withContents(urn, graph).length - 1,
    page,
  };
}

function host({ host: name, role }: Subject & { readonly kind: "host" }, stack: Stack): HostExplanation {
  const { graph, values } = stack;
  const hostWith = (trial: Candidate["trials"][number]) => {
    const tried = settingsWith(values, [trial]);
    if (tried === undefined) return name;
    const hosts: Readonly<Record<string, string>> = { ...planOf(tried).hosts };
    return hosts[role];
  };
  const effects = stack.candidates.flatMap((candidate): Effect[] => {
    const trial = candidate.trials.find((one) => hostWith(one) !== name);
    return trial === undefined
      ? []
      : [{ candidate, does: "shapes", with: trial.told, where: [hostWith(trial) ?? "no such host"] }];
  });
  const isNamed = new RegExp(`(?<![\\w.-])(\\*\\.)?${name.replaceAll(".", String.raw`\.`)}(?![\\w-]|\\.\\w)`);
  const naming = [...graph.values()].filter((node) => node.custom && isNamed.test(JSON.stringify(node.inputs)));
  const serving = naming.filter((node) => serves(node, name));
  const part = serving[0] === undefined ? undefined : graph.get(topOf(serving[0].urn, graph));
  return {
    kind: "host",
    host: name,
    role,
    causes: causesOf(effects, stack),
    servedBy: serving.map((node) => `${labelOf(node)} of ${partNameOf(node.urn, graph)}`),
    namedBy: naming.filter((node) => !serving.includes(node)).map(labelOf),
    page: part === undefined ? undefined : purposeOf(part.type).page,
  };
}

function serves({ inputs }: Node, name: string): boolean {
  return listAt(objectAt(inputs, "spec"), "rules").some((rule) => textAt(rule, "host")?.replace("*.", "") === name);
}

async function setting(
  { path, known }: Subject & { readonly kind: "setting" },
  stack: Stack,
): Promise<SettingExplanation> {
  const { settings, values, graph, settingPaths, tryOut } = stack;
  const value = valueAt(settings, path);
  const schema = settingPaths.get(known);
  const isRead = value !== undefined || Object.keys(schemaOf(path, values)).length > 0;
  const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
  const candidate = candidateAt(path, settings, values);
  const tried: Tried[] = [];
  for (const trial of isRead && !isGroup ? candidate.trials : []) {
    const next = await tryOut([trial]);
    const other = isHidden(path, stack) ? "another secret" : trial.told;
    if (next !== undefined) tried.push({ with: other, ...differenceOf(graph, next) });
  }
  return {
    kind: "setting",
    setting: textOf(path),
    meaning: schema?.description,
    value: isGroup ? undefined : shownValue(candidate, stack),
    written: candidate.written,
    unread: isRead ? undefined : "the words beside it, or above it, choose something else",
    tried,
    below: [...settingPaths.keys()].filter(
      (one) => one.startsWith(`${known}.`) && !/[.[]/.test(one.slice(known.length + 1)),
    ),
    page: pageOfSettings(String(path[0])),
  };
}

function differenceOf(base: Graph, next: Graph): Omit<Tried, "with"> {
  const labels = (nodes: Iterable<Node>, keep: (node: Node) => boolean) =>
    [...nodes].filter((node) => node.custom && keep(node)).map(labelOf);
  const inputsIn = (graph: Graph, { urn }: Node) => JSON.stringify(graph.get(urn)?.inputs);
  return {
    removes: labels(base.values(), ({ urn }) => !next.has(urn)),
    adds: labels(next.values(), ({ urn }) => !base.has(urn)),
    changes: labels(base.values(), (node) => next.has(node.urn) && inputsIn(base, node) !== inputsIn(next, node)),
  };
}

function causesOf(effects: readonly Effect[], stack: Stack): Cause[] {
  const causes = effects.map((effect): Cause => {
    const { candidate, does, where } = effect;
    return {
      setting: textOf(candidate.path),
      value: shownValue(candidate, stack),
      written: candidate.written,
      does,
      with: isHidden(candidate.path, stack) ? "another secret" : effect.with,
      where,
    };
  });
  return causes.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** What makes it comes first, then what somebody has written. */
function rankOf({ does, written }: Cause): number {
  return (does === "makes" ? 0 : 2) + (written ? 0 : 1);
}

function shownValue({ path, value }: Candidate, stack: Stack): string | undefined {
  if (value === undefined || isHidden(path, stack)) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isHidden(path: Path, { secrets }: Stack): boolean {
  return isSecret(path) || secrets.some((secret) => secret.every((step, index) => step === path[index]));
}

function textOf(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}
