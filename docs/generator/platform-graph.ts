/** The platform's graph as a Mermaid picture, from what the program registers. */
import type { Graph, Registration } from "../../tests/support/graph.ts";

/** One node for each part, one arrow for "waits for". Arrows that follow from others are left out. */
export function platformGraph(graph: Graph<unknown>): string {
  const partOf = partsOf(graph.resources);
  const parts = graph.resources.filter(({ custom, parent }) => !custom && parent === undefined);
  const waitsFor = new Map(parts.map(({ name }) => [name, new Set<string>()]));
  for (const resource of graph.resources) {
    const from = partOf(resource.name);
    // Whoever uses a provider waits for the part that made it.
    for (const to of [...resource.dependencies, resource.provider].map(partOf)) {
      if (from !== undefined && to !== undefined && from !== to) waitsFor.get(from)?.add(to);
    }
  }
  const nodes = parts.map(({ name, type }) => `  ${idOf(name)}["${type.split(":").at(-1) ?? type}"]`);
  const edges = [...waitsFor].flatMap(([from, all]) =>
    [...all].filter((to) => !followsFromOthers(to, all, waitsFor)).map((to) => `  ${idOf(from)} --> ${idOf(to)}`),
  );
  return ["```mermaid", "flowchart BT", ...nodes, ...edges.toSorted(), "```"].join("\n");
}

/** Finds the part of the platform, a child of the stack, that a resource belongs to. */
function partsOf(resources: readonly Registration[]): (name: string) => string | undefined {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  return (name) => {
    let resource = byName.get(name);
    while (resource?.parent !== undefined) resource = byName.get(resource.parent);
    return resource?.name;
  };
}

function followsFromOthers(
  target: string,
  direct: ReadonlySet<string>,
  waitsFor: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  return [...direct].some((other) => other !== target && reaches(other, target, waitsFor));
}

function reaches(from: string, to: string, waitsFor: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return [...(waitsFor.get(from) ?? [])].some((next) => next === to || reaches(next, to, waitsFor));
}

function idOf(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9]/g, "_");
}
