/** What would be done to get from one graph to another, as the engine would do it if the first were deployed. */
import { differingFields } from "./fields.ts";
import { type Graph, type Node, unknownPlaces } from "./graph.ts";
import { isImmutable } from "./immutable.ts";

/** What would be done with one resource. */
export interface Operation {
  /** In the words of the engine. */
  readonly op: "same" | "create" | "update" | "replace" | "delete";
  readonly urn: string;
  /** Fields that replace it; `provider` where the cluster itself is another one. */
  readonly replacing: readonly string[];
  /** Fields that get another value which neither graph knows. */
  readonly touched: readonly string[];
}

/** An operation for every resource of both graphs: those of the second in its order, then what is gone. */
export function operationsBetween(before: Graph, after: Graph): Operation[] {
  const operations = new Map<string, Operation>();
  for (const node of after.values()) operations.set(node.urn, ownOperation(before.get(node.urn), node));
  for (const node of before.values()) {
    if (!after.has(node.urn)) operations.set(node.urn, { op: "delete", urn: node.urn, ...nothing });
  }
  while (spread(operations, before, after));
  return [...operations.values()];
}

const nothing = { replacing: [], touched: [] };

function ownOperation(old: Node | undefined, next: Node): Operation {
  const { urn, type } = next;
  if (old === undefined) return { op: "create", urn, ...nothing };
  const fields = differingFields(old.inputs, next.inputs).map(({ path }) => path);
  const own = [...old.replaceOnChanges, ...next.replaceOnChanges];
  const replacing = next.custom ? fields.filter((path) => isImmutable(type, path, own)) : [];
  if (replacing.length > 0) return { op: "replace", urn, replacing, touched: [] };
  return { op: fields.length > 0 ? "update" : "same", urn, ...nothing };
}

/**
 * What takes a value from a replaced resource gets another one, although neither is known yet; and what lies in a
 * replaced cluster is made anew.
 * @returns whether there was anything new
 */
function spread(operations: Map<string, Operation>, before: Graph, after: Graph): boolean {
  const isNew = (urn: string | undefined) => {
    const op = urn === undefined ? undefined : operations.get(urn)?.op;
    return op === "replace" || op === "create";
  };
  let found = false;
  for (const { op, urn } of [...operations.values()]) {
    const next = after.get(urn);
    if (next === undefined || !next.custom || (op !== "same" && op !== "update")) continue;
    const moved = isNew(next.provider) && isOtherPlace(before.get(urn), next, before, after);
    const touched = moved ? ["provider"] : unknownPlaces(next.inputs).filter((path) => dependsOnNew(next, path, isNew));
    const replacing = moved ? touched : touched.filter((path) => isImmutable(next.type, path, next.replaceOnChanges));
    const becomes = replacing.length > 0 ? "replace" : touched.length > 0 ? "update" : op;
    if (becomes === op) continue;
    operations.set(urn, { op: becomes, urn, replacing, touched });
    found = true;
  }
  return found;
}

function dependsOnNew(node: Node, path: string, isNew: (urn: string) => boolean): boolean {
  const [field = ""] = /^[^.[]+/.exec(path) ?? [];
  return node.propertyDependencies[field]?.some(isNew) === true;
}

/** Whether two providers lead to two clusters, or two accounts. */
function isOtherPlace(old: Node | undefined, next: Node, before: Graph, after: Graph): boolean {
  const place = (provider: Node | undefined) =>
    JSON.stringify([provider?.inputs["clusterIdentifier"], provider?.inputs["region"]]);
  return place(before.get(old?.provider ?? "")) !== place(after.get(next.provider ?? ""));
}
