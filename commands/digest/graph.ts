/** A graph of resources as `pulumi preview --json` tells it. */
import { type Inputs, shown } from "../flip/engine-events.ts";

/** One resource that is there, or would be. */
export interface Node {
  readonly urn: string;
  readonly type: string;
  /** False for components: they are folders of the others. */
  readonly custom: boolean;
  readonly protected: boolean;
  readonly parent: string | undefined;
  /** URN of its provider. */
  readonly provider: string | undefined;
  readonly dependencies: readonly string[];
  /** URNs that each field takes its value from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Fields that the program itself calls immutable. */
  readonly replaceOnChanges: readonly string[];
  /** URNs that it was known by before. */
  readonly aliases: readonly string[];
  /** Secrets are masked in it. */
  readonly inputs: Inputs;
}

/** Resources by URN. */
export type Graph = ReadonlyMap<string, Node>;

/** A resource as the CLI writes it. */
export interface State {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  readonly protect?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly replaceOnChanges?: readonly string[];
  readonly aliases?: readonly string[];
  readonly inputs?: Inputs;
}

const stackType = "pulumi:pulumi:Stack";

export function nodeOf(state: State): Node {
  return {
    urn: state.urn,
    type: state.type,
    custom: state.custom === true,
    protected: state.protect === true,
    parent: state.parent === undefined || state.parent.includes(stackType) ? undefined : state.parent,
    // A reference is the provider's URN with its id.
    provider: state.provider?.replace(/::[^:]*$/, ""),
    dependencies: state.dependencies ?? [],
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies ?? {}).map(([field, urns]) => [field, urns ?? []]),
    ),
    replaceOnChanges: state.replaceOnChanges ?? [],
    aliases: state.aliases ?? [],
    inputs: state.inputs ?? {},
  };
}

/** Resources that are part of the platform: the stack itself is none. */
export function graphOf(states: readonly State[]): Graph {
  const nodes = states.filter(({ type }) => type !== stackType).map(nodeOf);
  return new Map(nodes.map((node) => [node.urn, node]));
}

/** An earlier graph under the names of a later one, whose aliases say what was called otherwise. */
export function underNamesOf(later: Graph, earlier: Graph): Graph {
  const names = new Map<string, string>();
  for (const { urn, aliases } of later.values()) {
    const former = earlier.has(urn) ? undefined : aliases.find((alias) => earlier.has(alias));
    if (former !== undefined) names.set(former, urn);
  }
  const today = (urn: string) => names.get(urn) ?? urn;
  const nodes = [...earlier.values()].map((node): Node => {
    const { parent, provider } = node;
    return {
      ...node,
      urn: today(node.urn),
      parent: parent && today(parent),
      provider: provider && today(provider),
      dependencies: node.dependencies.map(today),
      propertyDependencies: Object.fromEntries(
        Object.entries(node.propertyDependencies).map(([field, urns]) => [field, urns.map(today)]),
      ),
    };
  });
  return new Map(nodes.map((node) => [node.urn, node]));
}

/** A part of the platform: a resource that nothing else holds. */
export interface Part {
  /** @example "portal" */
  readonly name: string;
  /** Its type, as the picture in the README names it. @example "Onyxia" */
  readonly type: string;
}

/** The part that a resource belongs to. */
export function partOf(urn: string, graph: Graph): Part {
  let top = urn;
  for (let node = graph.get(urn); node?.parent !== undefined; node = graph.get(node.parent)) top = node.parent;
  const type = graph.get(top)?.type ?? top.split("::").at(-2)?.split("$").at(-1) ?? "";
  return { name: nameOf(top), type: type.split(":").at(-1) ?? type };
}

export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Places of the values that are not known before `up`. */
export function unknownPlaces(inputs: Inputs): string[] {
  return places(inputs, "")
    .filter(({ value }) => shown(value) === undefined)
    .map(({ path }) => path);
}

function places(value: unknown, path: string): { path: string; value: unknown }[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => places(inner, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => places(inner, path === "" ? key : `${path}.${key}`));
}
