/** Which part of the platform waits for which. */

/** One resource, by whatever names are unique. */
export interface Waiting {
  readonly id: string;
  /** Id of the part that it belongs to. */
  readonly part: string;
  /** Ids of resources that must be there before. */
  readonly waitsFor: readonly string[];
}

/** Pairs of parts: the first waits for the second. Those that follow from others are left out. */
export function arrowsBetween(resources: readonly Waiting[]): [string, string][] {
  const partOf = new Map(resources.map(({ id, part }) => [id, part]));
  const waitsFor = new Map<string, Set<string>>();
  for (const { part, waitsFor: others } of resources) {
    const all = waitsFor.get(part) ?? new Set();
    waitsFor.set(part, all);
    for (const other of others.map((id) => partOf.get(id))) {
      if (other !== undefined && other !== part) all.add(other);
    }
  }
  return [...waitsFor].flatMap(([from, all]) =>
    [...all].filter((to) => !followsFromOthers(to, all, waitsFor)).map((to): [string, string] => [from, to]),
  );
}

type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

function followsFromOthers(target: string, direct: ReadonlySet<string>, waitsFor: Arrows): boolean {
  return [...direct].some((other) => other !== target && reaches(other, target, waitsFor));
}

function reaches(from: string, to: string, waitsFor: Arrows): boolean {
  return [...(waitsFor.get(from) ?? [])].some((next) => next === to || reaches(next, to, waitsFor));
}
