/** Graphs of whole stacks as `pulumi preview --json` would tell them, made without the engine. */
import { differenceOf } from "../../commands/digest/change.ts";
import { pageOf } from "../../commands/digest/digest-page.ts";
import { type Digest, digestOf, type Side } from "../../commands/digest/digest.ts";
import { type Graph, graphOf, type State } from "../../commands/digest/graph.ts";
import type { Page } from "../../commands/digest/page.ts";
import { markdown } from "../../commands/digest/print/markdown.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { StackFile } from "../../stacks/settings/stack-file.ts";
import type { StackValues } from "./arbitrary-settings.ts";
import { type Registration, runGraph } from "./graph.ts";
import { chartsFor, stackFile } from "./stack-file.ts";

/** The stack file of a test. Whatever holds a secret may. */
export function fileOf(values: StackValues): StackFile {
  return { stack: "test", values, secretKeys: ["certificates", "directory", "identity", "objectStore", "platform"] };
}

/** What a first preview of these settings would tell. */
export async function previewedGraph(values: StackValues): Promise<Graph> {
  const settings = parseSettings(fileOf(values));
  const build = async () =>
    datalab(planOf(settings), { charts: chartsFor(settings), aws: await loadAws(planOf(settings)) });
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

/** One recorded change: a stack file before and after, or what is done to the graph itself. */
export interface RecordedChange {
  readonly before: StackValues;
  readonly after: StackValues;
  /** What another program would make of the same settings. */
  readonly program?: ((graph: Graph) => Graph) | undefined;
}

const dev = stackFile("dev").values as StackValues;
const withoutPackages = Object.fromEntries(Object.entries(dev).filter(([key]) => key !== "packages"));
const prod = stackFile("prod").values as StackValues;

/** A copy with other settings below some of its keys. */
function withValues(values: StackValues, changes: StackValues): StackValues {
  const changed = Object.entries(changes).map(([key, more]) => [key, { ...values[key], ...more }] as const);
  return { ...values, ...Object.fromEntries(changed) };
}

const groups = prod["cluster"]?.["nodeGroups"] as Record<string, object>;

/** Changes of growing size. */
export const recordedChanges: Readonly<Record<string, RecordedChange>> = {
  "a title": { before: dev, after: withValues(dev, { portal: { title: "Our lab" } }) },
  "a node group": {
    before: prod,
    after: withValues(prod, {
      cluster: {
        nodeGroups: { ...groups, platform: { ...groups["platform"], instanceTypes: ["m7i.2xlarge"], min: 4 } },
      },
    }),
  },
  "another image": {
    before: dev,
    after: dev,
    program: (graph) => mapped(graph, /traefik:v3\.7\.13@sha256:\w{8}/g, "traefik:v3.8.0@sha256:0123abcd"),
  },
  "a group of people": { before: dev, after: withValues(dev, { identity: { groups: ["datascience"] } }) },
  "minio to s3": {
    before: withValues(prod, { objectStore: { kind: "minio" } }),
    after: prod,
  },
  "existing to eks": { before: dev, after: prod },
  "a removed part with data": {
    before: dev,
    after: withValues(
      { ...withoutPackages, objectStore: {} },
      { objectStore: { kind: "external", endpoint: "https://store.example.net" } },
    ),
  },
  "a widened right": {
    before: dev,
    after: dev,
    program: (graph) => mapped(graph, /"resources":\["services","secrets","configmaps"\],"verbs":\[/g, '$&"delete",'),
  },
};

/** The graph of a program that writes another text somewhere. */
function mapped(graph: Graph, from: RegExp, to: string): Graph {
  return new Map(
    [...graph].map(([urn, node]) => {
      const inputs = JSON.parse(JSON.stringify(node.inputs).replaceAll(from, to)) as Record<string, unknown>;
      return [urn, { ...node, inputs }];
    }),
  );
}

const graphs = new Map<string, Promise<Graph>>();

/** Building a graph takes seconds: those of the same settings are one. */
function graphFor(values: StackValues): Promise<Graph> {
  const key = JSON.stringify(values);
  const known = graphs.get(key) ?? previewedGraph(values);
  graphs.set(key, known);
  return known;
}

function sideOf(values: StackValues): Side {
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`datalab:${key}`, value]));
  return { config, settings: parseSettings(fileOf(values)) };
}

/** A change's digest and its page. */
export async function digested({ before, after, program }: RecordedChange): Promise<{ digest: Digest; page: Page }> {
  return digestOfGraphs({ before, after, program }, await graphFor(before), await graphFor(after));
}

/** The same from graphs at hand. */
export function digestOfGraphs({ before, after, program }: RecordedChange, old: Graph, next: Graph) {
  const difference = differenceOf(old, program?.(next) ?? next);
  const comparison = {
    stack: "test",
    against: "main",
    before: sideOf(before),
    after: sideOf(after),
    program: program === undefined ? [] : ["components/versions.ts"],
    difference,
  };
  const digest = digestOf(comparison);
  return { digest, page: pageOf(digest, comparison) };
}

/** What a golden file holds: short enough to be read, so that a large change shows too how it is cut. */
export function goldenText(page: Page): string {
  return markdown(page, "test", 16_000);
}
