/** The changes that a digest tells of: the one model that every section reads. */
import type { Step } from "../flip/engine-events.ts";
import { type Fate, type Resource, resourcesOf } from "../flip/plan.ts";
import { operationsBetween, type Operation } from "./compare.ts";
import { differingFields, type Field, later } from "./fields.ts";
import { type Graph, type Node, type Part, partOf, underNamesOf } from "./graph.ts";

/** What becomes of one resource. */
export interface Change extends Resource {
  readonly fate: Exclude<Fate, "unchanged">;
  readonly part: Part;
  readonly fields: readonly Field[];
  /** Fields that replace it. */
  readonly replacing: readonly string[];
}

/** Two graphs, and what leads from one to the other. */
export interface Difference {
  readonly before: Graph;
  readonly after: Graph;
  readonly changes: readonly Change[];
}

/** The difference between two graphs that are compared by themselves. */
export function differenceOf(then: Graph, after: Graph): Difference {
  const before = underNamesOf(after, then);
  return differenceBy(operationsBetween(before, after), before, after);
}

/** The difference as somebody else has found it: the engine against a state. */
export function differenceBy(operations: readonly Told[], before: Graph, after: Graph): Difference {
  const told = new Map(operations.map((operation) => [operation.urn, operation]));
  const resources = resourcesOf(operations.map((operation) => stepOf(operation, before, after)));
  const changes = resources.flatMap((resource): Change[] => {
    const { fate, urn } = resource;
    if (fate === "unchanged") return [];
    const { replacing = [], touched = [] } = told.get(urn) ?? {};
    const fields = isKept(fate) ? differingFields(resource.before, resource.after) : [];
    const more = touched.filter((path) => !fields.some((field) => field.path === path));
    const part = partOf(urn, after.has(urn) ? after : before);
    return [{ ...resource, fate, part, fields: [...fields, ...more.map(otherwise)], replacing }];
  });
  return { before, after, changes: changes.toSorted(byPartAndLabel) };
}

/** An operation in the engine's own words. */
export interface Told extends Omit<Operation, "op"> {
  readonly op: string;
  readonly oldUrn?: string | undefined;
}

/** The value of a resource that is replaced: it is decided by `up`, and is another one. */
function otherwise(path: string): Field {
  return { path, before: undefined, after: path === "provider" ? "another cluster" : `another ${later}` };
}

function isKept(fate: Fate): boolean {
  return fate === "changed" || fate === "replaced" || fate === "moved";
}

function stepOf({ op, urn, oldUrn, replacing }: Told, before: Graph, after: Graph): Step {
  const old = before.get(oldUrn ?? urn);
  const next = after.get(urn);
  const node: Node | undefined = next ?? old;
  return {
    op,
    urn,
    oldUrn,
    type: node?.type ?? "",
    custom: node?.custom === true,
    protected: old?.protected === true,
    parent: node?.parent,
    changed: replacing,
    oldInputs: old?.inputs ?? {},
    newInputs: next?.inputs ?? {},
  };
}

/** The same order for the same change, whatever the order of registration was. */
function byPartAndLabel(a: Change, b: Change): number {
  const [left, right] = [a, b].map(({ part, label, urn }) => `${part.name} ${part.type} ${label} ${urn}`);
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
