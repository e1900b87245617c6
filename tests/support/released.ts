/** What each release would have deployed: stack files, and the resources that its program made of them. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Graph, graphOf, type Node, type State } from "../../commands/digest/graph.ts";
import type { StackValues } from "./arbitrary-settings.ts";
import { previewedGraph } from "./digest.ts";
import { stackFile } from "./stack-file.ts";

const folder = join(import.meta.dirname, "..", "releases");

/** Stack files that are recorded with a release. */
const files = () => [stackFile("dev"), stackFile("aws", "examples"), stackFile("university", "examples")];

/** A stack of a release. */
export interface ReleasedStack {
  readonly release: string;
  readonly name: string;
  readonly values: StackValues;
  readonly graph: Graph;
}

/** Every recorded stack of every release. */
export function releasedStacks(): ReleasedStack[] {
  return releases().flatMap((release) =>
    readdirSync(join(folder, release)).map((file) => {
      const text = readFileSync(join(folder, release, file), "utf8");
      const { values, resources } = JSON.parse(text) as { values: StackValues; resources: State[] };
      return { release, name: file.replace(/\.json$/, ""), values, graph: graphOf(resources) };
    }),
  );
}

export function releases(): string[] {
  return readdirSync(folder);
}

/** Records the program as it is now. Stack files hold no secret, and generated ones are not known to a preview. */
export async function recordRelease(release: string): Promise<void> {
  mkdirSync(join(folder, release), { recursive: true });
  for (const { stack, values } of files()) {
    const graph = await comparableGraph(values as StackValues);
    const resources = [...graph.values()].map((node) => JSON.stringify(stateOf(node))).toSorted();
    const text = `{"values":${JSON.stringify(values)},"resources":[\n${resources.join(",\n")}\n]}\n`;
    writeFileSync(join(folder, release, `${stack}.json`), text);
  }
}

/** What a stack file asks for, as a release records it: scripts and documents by their hash. */
export async function comparableGraph(values: StackValues): Promise<Graph> {
  const graph = await previewedGraph(values);
  return new Map([...graph].map(([urn, node]) => [urn, { ...node, inputs: short(node.inputs) as Node["inputs"] }]));
}

function short(value: unknown): unknown {
  if (typeof value === "string" && value.length > 100) return createHash("sha256").update(value).digest("hex");
  if (Array.isArray(value)) return value.map(short);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, short(inner)]));
}

/** Without what it waits for: only what waits for what now is compared. */
function stateOf({ urn, type, custom, protected: protect, parent, provider, replaceOnChanges, inputs }: Node): State {
  const places = {
    ...(parent !== undefined && { parent }),
    ...(provider !== undefined && { provider: `${provider}::id` }),
  };
  return { urn, type, custom, protect, ...places, replaceOnChanges, inputs };
}
