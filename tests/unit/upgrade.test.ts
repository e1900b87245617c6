import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { type Change, differenceOf } from "../../commands/digest/change.ts";
import type { Graph, Node } from "../../commands/digest/graph.ts";
import { dataLosses } from "../../commands/flip/data.ts";
import { comparableGraph, recordRelease, releasedStacks, releases } from "../support/released.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };

// `DATALAB_RELEASE=write` records the release that package.json names, once: what people run does not change afterwards.
if (process.env["DATALAB_RELEASE"] === "write") {
  beforeAll(() => recordRelease(version), 5 * 60_000);
}

/** Kinds that an upgrade may make anew: they run once, under a name that says what they run. */
const passing = ["kubernetes:batch/v1:Job", "kubernetes:core/v1:ConfigMap"];

/** What somebody would notice who upgrades: what is lost, and what is made anew that was to stay. */
function noticed(then: Graph, now: Graph): string[] {
  const { changes } = differenceOf(then, now);
  const anew = changes.filter(({ fate, type, custom }: Change) => {
    return custom && (fate === "replaced" || fate === "removed") && !passing.includes(type);
  });
  const lost = dataLosses(changes).map(({ resource, holds }) => `${resource.label}: ${holds}`);
  return [...new Set([...lost, ...anew.map(({ fate, label }) => `${label} is ${fate}`)])];
}

const renamed = (node: Node): Node => ({ ...node, urn: `${node.urn}-other` });
const changed =
  (inputs: Record<string, unknown>) =>
  (node: Node): Node => ({ ...node, inputs: { ...node.inputs, ...inputs } });
const withSpec =
  (spec: Record<string, unknown>) =>
  (node: Node): Node => {
    return changed({ spec: { ...(node.inputs["spec"] as object), ...spec } })(node);
  };

describe("an upgrade", () => {
  it.each(releasedStacks().map((stack) => [stack.release, stack.name, stack] as const))(
    "from %s keeps what stack %s has: its settings, its data, its objects",
    async (_release, _name, { values, graph }) => {
      expect(graph.size).toBeGreaterThan(100);
      expect(noticed(graph, await comparableGraph(values))).toEqual([]);
    },
    60_000,
  );

  it.each<[string, string, (node: Node) => Node, string]>([
    ["renames a volume", "database-stateful-set", renamed, "volumes"],
    ["takes another class of volumes", "database-stateful-set", withSpec({ volumeClaimTemplates: [] }), "volumes"],
    ["renames a password", "database-password", renamed, "is removed"],
    ["makes a password longer", "database-password", changed({ length: 99 }), "is replaced"],
    ["renames an object", "portal-api-deployment", renamed, "is removed"],
    ["gives an object another name", "portal-api-service", changed({ metadata: { name: "other" } }), "is replaced"],
  ])("that %s is noticed", (_what, name, change, notice) => {
    const { graph } = releasedStacks().find(({ name: stack }) => stack === "dev")!;
    const nodes = [...graph.values()].map((node) => (node.urn.endsWith(`::${name}`) ? change(node) : node));
    const told = noticed(graph, new Map(nodes.map((node) => [node.urn, node])));
    expect(told).toContainEqual(expect.stringContaining(notice));
  });
});

describe("a release", () => {
  it("is recorded, and stands in the changelog with its day", () => {
    expect(releases()).toContain(version);
    const [newest] = /^## \[\d.*$/m.exec(read("CHANGELOG.md")) ?? [];
    expect(newest).toMatch(new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\] - \\d{4}-\\d{2}-\\d{2}$`));
  });
});
