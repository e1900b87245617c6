/** What a resource waits for, and what waits for it. */
import { type Graph, type Node, partOf } from "../digest/graph.ts";
import { arrowsBetween } from "../digest/part-graph.ts";
import { labelOf, withContents } from "./labels.ts";

/** Names for people: resources of the same part, and other parts as a whole. What follows from others is left out. */
export interface Waiting {
  readonly waitsFor: readonly string[];
  readonly waitedForBy: readonly string[];
}

export function waitingOf(urn: string, graph: Graph): Waiting {
  const own = graph.get(urn);
  if (own === undefined) return { waitsFor: [], waitedForBy: [] };
  const inside = new Set(withContents(urn, graph).map((node) => node.urn));
  const part = topOf(urn, graph);
  const before = [...inside].flatMap((one) => neededBy(graph.get(one))).filter((one) => !inside.has(one));
  const after = [...graph.values()]
    .filter((node) => !inside.has(node.urn) && neededBy(node).some((one) => inside.has(one)))
    .map((node) => node.urn);
  const arrows = partArrows(graph);
  return {
    waitsFor: [...near(before, part, graph), ...parts(before, part, graph, arrows)],
    waitedForBy: [
      ...near(after, part, graph),
      ...parts(
        after,
        part,
        graph,
        arrows.map(([a, b]) => [b, a]),
      ),
    ],
  };
}

function neededBy(node: Node | undefined): string[] {
  return node === undefined ? [] : [...node.dependencies, ...(node.provider === undefined ? [] : [node.provider])];
}

function near(urns: readonly string[], part: string, graph: Graph): string[] {
  const nodes = [...new Set(urns)].flatMap((urn) => graph.get(urn) ?? []);
  return nodes.filter((node) => node.custom && topOf(node.urn, graph) === part && node.urn !== part).map(labelOf);
}

/** Other parts, without those that one of them leads to anyway. */
function parts(urns: readonly string[], part: string, graph: Graph, arrows: readonly [string, string][]): string[] {
  const others = [...new Set(urns.map((urn) => topOf(urn, graph)))].filter((other) => other !== part);
  return others
    .filter((other) => !others.some((via) => via !== other && reaches(via, other, arrows)))
    .map((other) => partNameOf(other, graph));
}

function reaches(from: string, to: string, arrows: readonly [string, string][]): boolean {
  return arrows.some(([first, second]) => first === from && (second === to || reaches(second, to, arrows)));
}

function partArrows(graph: Graph): [string, string][] {
  return arrowsBetween(
    [...graph.values()].map((node) => ({ id: node.urn, part: topOf(node.urn, graph), waitsFor: neededBy(node) })),
  );
}

/** URN of the part that holds a resource. */
export function topOf(urn: string, graph: Graph): string {
  const parent = graph.get(urn)?.parent;
  return parent === undefined ? urn : topOf(parent, graph);
}

/** The part as people know it. */
export function partNameOf(urn: string, graph: Graph): string {
  const { name, type } = partOf(urn, graph);
  return `${name} (${type})`;
}
