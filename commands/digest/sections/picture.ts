/** The graph of the parts, those that change coloured. */
import type { Difference } from "../change.ts";
import { type Graph, partOf } from "../graph.ts";
import type { PartFate, Picture, Section } from "../page.ts";
import { arrowsBetween } from "../part-graph.ts";
import { idOf, type PartChange } from "./parts.ts";

/** Parts that are gone are in it too, with what they waited for. */
export function pictureOf({ before, after }: Difference, parts: readonly PartChange[]): Picture {
  const fates = new Map<string, PartFate>(parts.map((part) => [idOf(part), part.fate]));
  const all = new Map([...resourcesIn(after), ...resourcesIn(before)].map(({ owner }) => [idOf(owner), owner]));
  const gone = resourcesIn(before).filter(({ owner }) => fates.get(idOf(owner)) === "removed");
  const arrows = arrowsBetween([...resourcesIn(after), ...gone]);
  const ids = [...all.keys()].toSorted();
  return {
    parts: ids.flatMap((id) => {
      const part = all.get(id);
      return part === undefined ? [] : [{ ...part, id, fate: fates.get(id) ?? ("unchanged" as const) }];
    }),
    arrows: arrows.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
  };
}

function resourcesIn(graph: Graph) {
  return [...graph.values()].map(({ urn, dependencies, provider }) => {
    const owner = partOf(urn, graph);
    return {
      id: urn,
      owner,
      part: idOf(owner),
      waitsFor: [...dependencies, ...(provider === undefined ? [] : [provider])],
    };
  });
}

export function pictureSection(picture: Picture): Section {
  return {
    id: "picture",
    title: "The platform, and where it changes",
    blocks: [{ kind: "picture", picture }],
    nothing: [],
  };
}
