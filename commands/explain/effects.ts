/** Which settings make a resource and which shape it: found by trying another value of each. */
import { differingFields } from "../digest/fields.ts";
import type { Graph, Node } from "../digest/graph.ts";
import { labelOf, withContents } from "./labels.ts";
import { chartType } from "./program.ts";
import type { Candidate, Trial } from "./trials.ts";

/** What a setting does to a resource. */
export interface Effect {
  readonly candidate: Candidate;
  /** `makes`: with the other value it would not be there. */
  readonly does: "makes" | "shapes";
  /** The other value. */
  readonly with: string;
  /** What would differ: fields, or resources of a component. */
  readonly where: readonly string[];
}

/** Runs the program with other values; undefined where they cannot be. */
export type TryOut = (trials: readonly Trial[]) => Promise<Graph | undefined>;

/** Every setting that has an effect on the resource `urn`. */
export async function effectsOn(
  urn: string,
  base: Graph,
  all: readonly Candidate[],
  tryOut: TryOut,
): Promise<Effect[]> {
  const differs = (graph: Graph) => differenceAt(urn, base, graph);
  // Of a part one answer is enough; whether an object is there may hang on the second value.
  const isPart = base.get(urn)?.custom !== true;
  const single = async (candidate: Candidate): Promise<Effect[]> => {
    let found: Effect | undefined;
    for (const trial of candidate.trials) {
      const graph = await tryOut([trial]);
      const effect = graph === undefined ? undefined : differs(graph);
      if (effect === undefined || (found !== undefined && effect.does !== "makes")) continue;
      found = { candidate, with: trial.told, ...effect };
      if (found.does === "makes" || (isPart && !candidate.chooses)) break;
    }
    return found === undefined ? [] : [found];
  };
  // Most settings have nothing to do with it: many are tried at once, and one by one where anything differs.
  const among = async (group: readonly Candidate[]): Promise<Effect[]> => {
    const [only] = group;
    if (only === undefined) return [];
    if (group.length === 1) return single(only);
    const graph = await tryOut(group.flatMap(({ trials }) => trials.slice(0, 1)));
    if (graph !== undefined && differs(graph) === undefined) return [];
    const half = Math.ceil(group.length / 2);
    return [...(await among(group.slice(0, half))), ...(await among(group.slice(half)))];
  };
  // A word changes all that is beside it: it is tried alone.
  const groups = all.map((one) => (one.chooses ? one.path.join() : (one.path[0] ?? "")));
  const effects: Effect[] = [];
  for (const name of new Set(groups)) effects.push(...(await among(all.filter((_, index) => groups[index] === name))));
  return effects;
}

/** What differs at a resource; undefined where nothing does. */
export function differenceAt(urn: string, base: Graph, graph: Graph): Pick<Effect, "does" | "where"> | undefined {
  const own = base.get(urn);
  if (own === undefined) return undefined;
  const next = graph.get(urn);
  if (next === undefined) return { does: "makes", where: [] };
  const where = own.custom ? fieldsOf(own, next) : resourcesOf(urn, base, graph);
  const chart = own.parent === undefined ? undefined : base.get(own.parent);
  // Its objects are not rendered for a trial: the values of the chart tell.
  const values = chart?.type === chartType ? fieldsOf(chart, graph.get(chart.urn) ?? chart) : [];
  const all = [...where, ...values.map((field) => `the chart's ${field}`)];
  return all.length === 0 ? undefined : { does: "shapes", where: all };
}

function fieldsOf(own: Node, next: Node): string[] {
  const fields = differingFields(own.inputs, next.inputs).map(({ path }) => path);
  return own.protected === next.protected ? fields : [...fields, "protect"];
}

function resourcesOf(urn: string, base: Graph, graph: Graph): string[] {
  const [old, next] = [withContents(urn, base), withContents(urn, graph)];
  const gone = old.filter((node) => !graph.has(node.urn));
  const more = next.filter((node) => !base.has(node.urn));
  const kept = old.filter((node) => {
    const other = graph.get(node.urn);
    return other !== undefined && fieldsOf(node, other).length > 0;
  });
  return [...gone, ...more, ...kept].map((node) => (node.urn === urn ? "its inputs" : labelOf(node)));
}
