/** What resources are called by people. */
import { nameIn } from "../digest/inputs.ts";
import { type Graph, nameOf, type Node } from "../digest/graph.ts";

/** Kind, namespace and name of an object in the cluster; else type and name in the program. */
export function labelOf(node: Node): string {
  const name = nameOf(node.urn);
  const kind = kindOf(node);
  if (node.type.startsWith("pulumi:providers:")) return `provider ${name} of ${kind}`;
  if (!node.custom) return `${name} (${kind})`;
  return node.type.startsWith("kubernetes:") ? `${kind} ${nameIn(node.inputs)}` : `${kind} ${name}`;
}

export function kindOf({ type }: Node): string {
  return type.split(":").at(-1) ?? type;
}

/** Everything that a resource may be asked for by, the most exact first. */
export function wordsFor(node: Node): string[] {
  const [kind, object] = [kindOf(node), nameIn(node.inputs)];
  const inCluster = node.type.startsWith("kubernetes:") && object !== "?";
  const bare = object.split("/").at(-1) ?? object;
  return [
    node.urn,
    ...(node.custom ? [] : [nameOf(node.urn), kind]),
    labelOf(node),
    ...(inCluster ? [`${kind} ${bare}`, `${kind}/${bare}`, object] : []),
    nameOf(node.urn),
    ...(inCluster ? [bare] : []),
  ];
}

/** A resource with all that it holds. */
export function withContents(urn: string, graph: Graph): Node[] {
  return [...graph.values()].filter((node) => isInside(node, urn, graph));
}

function isInside(node: Node, urn: string, graph: Graph): boolean {
  for (let one: Node | undefined = node; one !== undefined; one = graph.get(one.parent ?? "")) {
    if (one.urn === urn) return true;
  }
  return false;
}
