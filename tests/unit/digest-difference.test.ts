import { describe, expect, it } from "@jest/globals";

import { type Difference, differenceOf } from "../../commands/digest/change.ts";
import { differingFields, later } from "../../commands/digest/fields.ts";
import { graphOf } from "../../commands/digest/graph.ts";
import { stackFile } from "../support/stack-file.ts";
import { previewedGraph } from "../support/digest.ts";
import type { StackValues } from "../support/arbitrary-settings.ts";

const dev = stackFile("dev").values as StackValues;
const prod = stackFile("prod").values as StackValues;

async function between(before: StackValues, after: StackValues): Promise<Difference> {
  return differenceOf(await previewedGraph(before), await previewedGraph(after));
}

function told({ changes }: Difference): string[] {
  return changes.map(({ fate, label, replacing }) => [fate, label, ...replacing].join(" "));
}

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("fields that differ", () => {
  it("are told one by one, elements of lists by their names", () => {
    const before = { a: { b: 1, c: [{ name: "x", image: "i:1" }, { name: "y" }] }, gone: "g" };
    const after = { a: { b: 1, c: [{ name: "y" }, { name: "x", image: "i:2" }] }, come: unknown };
    expect(differingFields(before, after)).toEqual([
      { path: "a.c[x].image", before: "i:1", after: "i:2" },
      { path: "come", before: undefined, after: later },
      { path: "gone", before: "g", after: undefined },
    ]);
  });

  it("look into documents and into the lines of texts", () => {
    const policy = (action: string) => JSON.stringify({ Statement: [{ Sid: "Read", Action: [action] }] });
    expect(differingFields({ policy: policy("s3:Get*") }, { policy: policy("s3:*") })).toEqual([
      { path: "policy.Statement[Read].Action[0]", before: "s3:Get*", after: "s3:*" },
    ]);
    expect(differingFields({ script: "a\nb\nc" }, { script: "a\nc\nd" })).toEqual([
      { path: "script", before: "b", after: "d" },
    ]);
  });
});

describe("two graphs of the program", () => {
  it("do not differ where nothing was changed", async () => {
    expect(told(await between(dev, dev))).toEqual([]);
    expect(told(await between(prod, prod))).toEqual([]);
  });

  it("are replaced by the fields that nobody can change", async () => {
    const file = { ...dev, objectStore: { ...dev["objectStore"], replicas: 4 } };
    expect(told(await between(dev, file))).toContain("replaced StatefulSet datalab-storage/object-store spec.replicas");
  });

  it("are replaced with the cluster that holds them, not with its kubeconfig", async () => {
    const moved = { ...dev, cluster: { ...dev["cluster"], clusterIdentifier: "other" } };
    const objects = (await between(dev, moved)).changes.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(new Set(objects.map(({ fate, replacing }) => `${fate} ${replacing.join()}`))).toEqual(
      new Set(["replaced provider"]),
    );
    const renewed = { ...dev, cluster: { ...dev["cluster"], kubeconfigPath: "another" } };
    expect(told(await between(dev, renewed))).toEqual(["changed provider cluster-provider of kubernetes"]);
  });

  it("hand a replacement on to what takes values from it", async () => {
    const cluster = {
      ...prod["cluster"],
      network: { ...(prod["cluster"]!["network"] as object), cidr: "10.9.0.0/16" },
    };
    const all = told(await between(prod, { ...prod, cluster }));
    expect(all).toContain("replaced Vpc network-vpc cidrBlock");
    expect(all).toContain("replaced RouteTable network-public-routes vpcId");
    expect(all.some((line) => line.startsWith("replaced Zone"))).toBe(false);
  });
});

describe("a resource that the program calls otherwise today", () => {
  const urnOf = (name: string) => `urn:pulumi:dev::datalab::kubernetes:core/v1:ServiceAccount::${name}`;
  const podUrn = "urn:pulumi:dev::datalab::kubernetes:apps/v1:StatefulSet::store";
  const account = (name: string, aliases: string[] = []) => ({
    urn: urnOf(name),
    type: "kubernetes:core/v1:ServiceAccount",
    custom: true,
    inputs: { metadata: { name: "store" } },
    aliases,
  });
  const store = (accountName: string) => ({
    urn: podUrn,
    type: "kubernetes:apps/v1:StatefulSet",
    custom: true,
    protect: true,
    inputs: { spec: { serviceAccountName: unknown } },
    dependencies: [urnOf(accountName)],
    propertyDependencies: { spec: [urnOf(accountName)] },
  });
  const before = graphOf([account("store-account"), store("store-account")]);

  it("is the same where an alias says so, and so is what depends on it", () => {
    const after = graphOf([account("store-service-account", [urnOf("store-account")]), store("store-service-account")]);
    expect(told(differenceOf(before, after))).toEqual([]);
  });

  it("is another one without an alias", () => {
    const after = graphOf([account("store-service-account"), store("store-service-account")]);
    expect(told(differenceOf(before, after)).length).toBeGreaterThan(1);
  });
});
