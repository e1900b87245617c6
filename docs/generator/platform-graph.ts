/** The platform's graph as a Mermaid picture, from what the program registers. */
import { arrowsBetween } from "../../commands/digest/part-graph.ts";
import type { Graph, Registration } from "../../tests/support/graph.ts";

/** One node for each part, one arrow for "waits for". Arrows that follow from others are left out. */
export function platformGraph(graph: Graph<unknown>): string {
  const partOf = partsOf(graph.resources);
  const parts = graph.resources.filter(({ custom, parent }) => !custom && parent === undefined);
  const arrows = arrowsBetween(
    graph.resources.map(({ name, dependencies, provider }) => ({
      id: name,
      part: partOf(name),
      // Whoever uses a provider waits for the part that made it.
      waitsFor: [...dependencies, provider],
    })),
  );
  const nodes = parts.map(({ name, type }) => `  ${idOf(name)}["${type.split(":").at(-1) ?? type}"]`);
  const edges = arrows.map(([from, to]) => `  ${idOf(from)} --> ${idOf(to)}`);
  return ["```mermaid", "flowchart BT", ...nodes, ...edges.toSorted(), "```"].join("\n");
}

/** Finds the part of the platform, a child of the stack, that a resource belongs to. */
function partsOf(resources: readonly Registration[]): (name: string) => string {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  return (name) => {
    let resource = byName.get(name);
    while (resource?.parent !== undefined) resource = byName.get(resource.parent);
    return resource?.name ?? name;
  };
}

function idOf(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9]/g, "_");
}
