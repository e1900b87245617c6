/** Fields that a preview cannot know: counted, the new ones named. */
import type { Difference } from "../change.ts";
import { type Graph, nameOf, unknownPlaces } from "../graph.ts";
import { type Block, code, counted, line, type Section, type Text } from "../page.ts";

export interface Unknowns {
  readonly before: number;
  readonly after: number;
  /** Unknown now, and known or absent before, as `resource: field`. */
  readonly news: readonly string[];
}

export function unknownsOf({ before, after }: Difference): Unknowns {
  const [old, next] = [unknownIn(before), unknownIn(after)];
  return { before: old.size, after: next.size, news: [...next].filter((place) => !old.has(place)).toSorted() };
}

function unknownIn(graph: Graph): Set<string> {
  return new Set(
    [...graph.values()]
      .filter(({ custom }) => custom)
      .flatMap(({ urn, inputs }) => unknownPlaces(inputs).map((path) => `${nameOf(urn)}: ${path}`)),
  );
}

export function unknownsSection({ before, after, news }: Unknowns): Section {
  const [id, title] = ["unknown", "What this preview cannot know"];
  const items = news.map((place): Text => [code(place)]);
  if (items.length === 0)
    return { id, title, blocks: [], nothing: line`the same fields are only known after ${code("up")} (${after})` };
  const text = line`${counted(after, "field")} ${after === 1 ? "is" : "are"} only known after ${code("up")}, ${before} before. New among them:`;
  const list: Block = { kind: "list", items };
  const folded: Block = { kind: "folded", title: [`${items.length} new ones`], blocks: [list] };
  return { id, title, blocks: [{ kind: "text", text }, items.length > 8 ? folded : list], nothing: [] };
}
