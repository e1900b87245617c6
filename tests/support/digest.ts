/** Graphs of whole stacks as `pulumi preview --json` would tell them, made without the engine. */
import { type Graph, graphOf, type State } from "../../digest/graph.ts";
import { datalab } from "../../stacks/datalab.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { parseSettings, type StackFile } from "../../stacks/settings.ts";
import type { StackValues } from "./arbitrary-settings.ts";
import { type Registration, runGraph } from "./graph.ts";
import { chartsFor } from "./stack-file.ts";

/** The stack file of a test. Whatever holds a secret may. */
export function fileOf(values: StackValues): StackFile {
  return { stack: "test", values, secretKeys: ["certificates", "identity", "objectStore", "platform"] };
}

/** What a first preview of these settings would tell. */
export async function previewedGraph(values: StackValues): Promise<Graph> {
  const settings = parseSettings(fileOf(values));
  const build = async () => datalab(settings, { charts: chartsFor(settings), aws: await loadAws(settings) });
  const { resources } = await runGraph(build, { preview: true });
  return graphOf(statesOf(resources));
}

function statesOf(resources: readonly Registration[]): State[] {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const urns = new Map(resources.map((resource) => [resource.name, urnOf(resource, byName)]));
  const urnsOf = (names: readonly string[]) => names.flatMap((name) => urns.get(name) ?? []);
  return resources.map((resource) => {
    const inputs = JSON.parse(resource.serialized) as Record<string, unknown>;
    const [provider] = urnsOf([resource.provider]);
    const [parent] = urnsOf(resource.parent === undefined ? [] : [resource.parent]);
    return {
      urn: urnOf(resource, byName),
      type: resource.type,
      custom: resource.custom,
      protect: resource.protect,
      ...(parent && { parent }),
      ...(provider && { provider: `${provider}::id` }),
      dependencies: urnsOf(resource.dependencies),
      propertyDependencies: Object.fromEntries(
        Object.entries(resource.propertyDependencies).map(([field, names]) => [field, urnsOf(names)]),
      ),
      replaceOnChanges: resource.replaceOnChanges,
      inputs,
    };
  });
}

function urnOf(resource: Registration, byName: ReadonlyMap<string, Registration>): string {
  const types: string[] = [];
  for (let one: Registration | undefined = resource; one !== undefined; one = byName.get(one.parent ?? "")) {
    types.unshift(one.type);
  }
  return `urn:pulumi:test::datalab::${types.join("$")}::${resource.name}`;
}
