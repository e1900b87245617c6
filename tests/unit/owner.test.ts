import { describe, expect, it } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";

import { type Exceptions, ownedBy, ownerLabel, ownerOf } from "../../components/kubernetes/owner.ts";
import { find, runGraph } from "../support/graph.ts";

const stackName = fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/);
const cluster = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

describe("the owner of an object", () => {
  it("is a valid label and field manager, for every stack and cluster", () => {
    fc.assert(
      fc.property(stackName, cluster, (stack, identifier) => {
        const { label, fieldManager } = ownerOf(stack, identifier);
        expect(label).toMatch(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,61}[A-Za-z0-9]$/);
        expect(fieldManager.length).toBeLessThanOrEqual(128);
      }),
    );
  });

  it("reads as the stack and its cluster, and differs for every two of them", () => {
    expect(ownerOf("home", "lab").label).toBe("home.lab");
    expect(ownerOf("home", "lab").fieldManager).toBe("datalab-home.lab");
    const long = "x".repeat(80);
    const owners = [
      ["a.b", "c"],
      ["a", "b"],
      ["_a", "b"],
      ["a", "b-c"],
      ["a-b", "c"],
      [long, "a"],
      [long, "b"],
    ] as const;
    expect(new Set(owners.map(([stack, identifier]) => ownerOf(stack, identifier).label)).size).toBe(owners.length);
  });

  const marked = async (metadata: pulumi.Input<k8s.types.input.meta.v1.ObjectMeta>, exceptions?: Exceptions) => {
    const graph = await runGraph(() => {
      const transformations = [ownedBy(ownerOf("home", "lab"), exceptions)];
      const parent = new pulumi.ComponentResource("datalab:test:Parent", "parent", {}, { transformations });
      new k8s.core.v1.Namespace("namespace", { metadata }, { parent });
    });
    return find(graph, "kubernetes:core/v1:Namespace", "namespace").inputs["metadata"];
  };
  const labels = { a: "b", [ownerLabel]: "home.lab" };

  it("stands beside the labels and annotations that are there, known or not yet", async () => {
    const expected = {
      name: "n",
      labels,
      annotations: { c: "d", "pulumi.com/patchFieldManager": "datalab-home.lab" },
    };
    const plain = { name: "n", labels: { a: "b" }, annotations: { c: "d" } };
    expect(await marked(plain)).toEqual(expected);
    expect(await marked(pulumi.output(plain))).toEqual(expected);
    expect(await marked({ ...plain, labels: pulumi.output(plain.labels) })).toEqual(expected);
  });

  it("leaves an object of release 0.1 its field manager, and overrules others where it is asked to", async () => {
    const fieldManagers = new Map([["Namespace.//n", "pulumi-kubernetes-1234abcd"]]);
    expect(await marked({ name: "n" }, { fieldManagers, adopt: ["Namespace/other"] })).toMatchObject({
      annotations: { "pulumi.com/patchFieldManager": "pulumi-kubernetes-1234abcd" },
    });
    expect(await marked({ name: "n" }, { adopt: ["Namespace/n"] })).toMatchObject({
      annotations: { "pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "datalab-home.lab" },
    });
    expect(await marked({ name: "m" }, { adopt: ["Namespace/n"] })).not.toMatchObject({
      annotations: { "pulumi.com/patchForce": "true" },
    });
  });
});
