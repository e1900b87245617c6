import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { alternate, type Session } from "../../testbed/benchmark/alternate.ts";
import { parseArguments, UsageError } from "../../testbed/benchmark/arguments.ts";
import {
  configMaps,
  inTwoSteps,
  isManaged,
  type KubernetesObject,
  objectsOf,
  renamedDefinitions,
  waitsFor,
} from "../../testbed/benchmark/objects.ts";
import { importsOf } from "../../testbed/benchmark/program-start.ts";
import { type Measurements, reportOf } from "../../testbed/benchmark/report.ts";
import { noiseOf, ratioOf, summaryOf, verdictOf } from "../../testbed/benchmark/statistics.ts";
import { tableOf } from "../../testbed/benchmark/table.ts";

describe("the options of npm run bench", () => {
  test.each([
    [[], { json: false, help: false }],
    [["--json"], { json: true }],
    [["--runs", "7"], { runs: 7 }],
    [["--runs=7", "--json"], { runs: 7, json: true }],
    [["--help"], { help: true }],
  ])("%j", (args, expected) => {
    expect(parseArguments(args)).toMatchObject(expected);
  });

  test.each([[["--rums"]], [["--runs"]], [["--runs", "0"]], [["--runs", "1e1"]], [["--runs=51"]], [["3"]]])(
    "%j is refused",
    (args) => {
      expect(() => parseArguments(args)).toThrow(UsageError);
    },
  );

  test("a mistake ends with its own exit code before anything is measured", () => {
    const entry = join(import.meta.dirname, "../../testbed/benchmark/benchmark.ts");
    const { status, stderr, stdout } = spawnSync(process.execPath, [entry, "--rums"], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--rums");
    expect(stderr).not.toContain("    at ");
  });
});

describe("statistics", () => {
  test("median and spread, whatever the order", () => {
    expect(summaryOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3, spread: 1 });
    expect(summaryOf([4, 1, 3, 2]).median).toBe(2.5);
    expect(summaryOf([5])).toEqual({ median: 5, low: 5, high: 5, spread: 0 });
    expect(() => summaryOf([])).toThrow();
  });

  test("the noise leaves out the odd late one, but not many", () => {
    const steady = Array.from({ length: 9 }, () => 100);
    expect(noiseOf([...steady, 500])).toBe(0);
    expect(noiseOf([...steady, 500, 500])).toBe(4);
  });

  test("ratios are those of pairs, so that a machine which grows slower does not count", () => {
    const ratio = ratioOf([2, 4, 8], [1, 2, 4]);
    expect(ratio).toEqual({ median: 2, low: 2, high: 2, indistinct: false });
    expect(() => ratioOf([1, 2], [1])).toThrow();
  });

  test("sides are indistinct when now the one, now the other takes longer", () => {
    expect(ratioOf([9, 11, 10], [10, 10, 10]).indistinct).toBe(true);
    expect(ratioOf([11, 12, 13], [10, 10, 10]).indistinct).toBe(false);
    expect(ratioOf([7, 8, 9], [10, 10, 10]).indistinct).toBe(false);
  });

  test.each([
    [[12, 12, 12], true, false],
    [[12, 12, 14], true, true],
    [[12, 14, 14], false, true],
    [[14, 14, 14], false, false],
  ])("%j to 10, at most 1.3: met %s, near %s", (samples, met, near) => {
    expect(verdictOf(ratioOf(samples, [10, 10, 10]), 1.3)).toEqual({ atMost: 1.3, met, near });
  });
});

describe("alternating", () => {
  const session = (signal: AbortSignal): Session => ({ runs: 2, signal, say: () => undefined, reference: [] });

  test("the sides take turns, each after the fixed workload", async () => {
    const order: string[] = [];
    const given = session(new AbortController().signal);
    const side = (name: string, milliseconds: number) => () => {
      order.push(`${name} ${given.reference.length}`);
      return Promise.resolve(milliseconds);
    };
    const samples = await alternate(given, "work", { a: side("a", 1), b: side("b", 2) });
    expect(samples).toEqual({ a: [1, 1], b: [2, 2] });
    expect(order).toEqual(["a 1", "b 2", "a 3", "b 4"]);
    expect(given.reference.every((milliseconds) => milliseconds > 0)).toBe(true);
  });

  test("an interruption ends it before the next sample, and what was cut short does not count", async () => {
    const controller = new AbortController();
    const said: string[] = [];
    let later = false;
    const work = alternate({ ...session(controller.signal), say: (line) => said.push(line) }, "work", {
      a: () => {
        controller.abort();
        return Promise.resolve(1);
      },
      b: () => {
        later = true;
        return Promise.resolve(1);
      },
    });
    await expect(work).rejects.toThrow();
    expect({ said, later }).toEqual({ said: [], later: false });
  });
});

const object = (kind: string, more: Partial<KubernetesObject> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: kind.toLowerCase() },
  ...more,
});
const annotated = (waitFor: string, more: Record<string, string> = {}) => ({
  metadata: { name: "x", annotations: { "pulumi.com/waitFor": waitFor, ...more } },
});

describe("the platform's objects", () => {
  test("those of a state, without the engine's marks", () => {
    const secret = (value: unknown) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: JSON.stringify(value),
    });
    const kept = { ...object("Secret"), stringData: { password: "secret", empty: "" }, list: [1, { a: null }] };
    const inputs = { ...kept, stringData: secret({ password: "secret", empty: "" }), __defaults: [] };
    const resources = [
      { type: "pulumi:pulumi:Stack" },
      { type: "pulumi:providers:kubernetes", inputs: { kubeconfig: "path" } },
      { type: "datalab:portal:Onyxia" },
      { type: "random:index/randomPassword:RandomPassword", inputs: { length: 3 } },
      { type: "kubernetes:core/v1:Secret", inputs },
    ];
    expect(objectsOf(resources)).toEqual([kept]);
    const hidden = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const previewed = { type: "kubernetes:core/v1:Secret", inputs: { ...inputs, stringData: hidden } };
    expect(objectsOf([previewed])).toEqual([{ ...kept, stringData: {} }]);
    expect(resources.filter(isManaged).map(({ type }) => type)).toEqual([
      "random:index/randomPassword:RandomPassword",
      "kubernetes:core/v1:Secret",
    ]);
  });

  const definition = object("CustomResourceDefinition", {
    apiVersion: "apiextensions.k8s.io/v1",
    metadata: { name: "things.example.org" },
    spec: { group: "example.org", names: { plural: "things" } },
  });

  test("are applied in two steps: what is built in, then what it defines", () => {
    const thing = object("Thing", { apiVersion: "example.org/v1" });
    const stranger = object("Thing", { apiVersion: "other.org/v1" });
    expect(inTwoSteps([thing, stranger, definition])).toEqual([[stranger, definition], [thing]]);
  });

  test("are awaited as Pulumi awaits them", () => {
    const replicated = object("StatefulSet", { spec: { replicas: 4 } });
    const balanced = object("Service", { spec: { type: "LoadBalancer" } });
    const issued = object("Certificate", annotated("condition=Ready"));
    const both = object("Thing", annotated('["condition=Ready","condition=Done"]'));
    const [deployment, statefulSet, job, ingress] = ["Deployment", "StatefulSet", "Job", "Ingress"].map((kind) =>
      object(kind, annotated("jsonpath={$[?$.status.kubectl == 'does not know this']}")),
    );
    const unawaited = object("Ingress", annotated("condition=Ready", { "pulumi.com/skipAwait": "true" }));
    const others = [object("ConfigMap"), object("Service"), unawaited];
    const all = [deployment!, statefulSet!, replicated, job!, ingress!, balanced, issued, both, ...others];
    expect([...waitsFor(all)]).toEqual([
      ["condition=Available", [deployment]],
      ["jsonpath={.status.readyReplicas}=1", [statefulSet]],
      ["jsonpath={.status.readyReplicas}=4", [replicated]],
      ["condition=Complete", [job]],
      ["jsonpath={.status.loadBalancer.ingress}", [ingress, balanced]],
      ["condition=Ready", [issued, both]],
      ["condition=Done", [both]],
    ]);
  });

  test("definitions can stand beside the originals under another group", () => {
    const [renamed, ...more] = renamedDefinitions([object("ConfigMap"), definition]);
    expect(more).toEqual([]);
    expect(renamed).toMatchObject({
      metadata: { name: "things.bench.example.org" },
      spec: { group: "bench.example.org", names: { plural: "things" } },
    });
  });

  test("plain ones are as many as wanted, each with a name of its own", () => {
    const maps = configMaps(12, "plain");
    expect(new Set(maps.map(({ metadata }) => metadata.name)).size).toBe(12);
  });
});

test("a program's imports are those that load something", () => {
  const source = `import type { A } from "./a.ts";
import * as pulumi from "@pulumi/pulumi";
import {
  b,
} from "./b.ts";
import "./c.ts";
const text = 'import "./d.ts";';
`;
  expect(importsOf(source)).toEqual(["@pulumi/pulumi", "./b.ts", "./c.ts"]);
});

describe("the report", () => {
  const measured = (runs: number, platform: number[], plain: number[], reference = [100, 101]): Measurements => ({
    machine: "a machine",
    runs,
    reference,
    comparisons: [
      {
        title: "Preview",
        sides: [
          { what: "the platform", milliseconds: platform, memory: 512.4, target: 1.3 },
          { what: "plain objects", milliseconds: plain },
        ],
      },
    ],
  });
  const lineOf = (measurements: Measurements, text: string): string =>
    tableOf(reportOf(measurements))
      .split("\n")
      .find((line) => line.includes(text)) ?? "";

  test("compares with the last side, which has no ratio of its own", () => {
    const { comparisons } = reportOf(measured(1, [1200], [1000]));
    const [platform, plain] = comparisons[0]?.rows ?? [];
    expect(platform?.ratio?.median).toBe(1.2);
    expect(platform?.verdict?.met).toBe(true);
    expect(plain).not.toHaveProperty("ratio");
  });

  test("one line has all figures of a side", () => {
    const line = lineOf(measured(3, [1200, 1250, 1230], [1000, 1000, 1000]), "the platform");
    expect(line.split(/ {2,}/).slice(1)).toEqual([
      "the platform",
      "1.23 s",
      "1.20 … 1.25",
      "4 %",
      "512 MiB",
      "1.23×",
      "1.20 … 1.25",
      "≤ 1.3× met",
    ]);
  });

  test("a missed target is marked", () => {
    expect(lineOf(measured(1, [2000], [1000]), "the platform")).toMatch(/MISSED$/);
    expect(lineOf(measured(3, [1250, 1350, 1360], [1000, 1000, 1000]), "the platform")).toMatch(/MISSED.*noise/);
  });

  test("noise that exceeds a difference is marked", () => {
    expect(lineOf(measured(3, [900, 1100, 1000], [1000, 1000, 1000]), "the platform")).toContain("noise exceeds");
    expect(lineOf(measured(3, [1100, 1100, 1100], [1000, 1000, 1000]), "the platform")).not.toContain("noise");
  });

  test("a noisy machine is marked, and so is a single run", () => {
    const noisy = tableOf(reportOf(measured(2, [1, 1], [1, 1], [100, 120])));
    expect(noisy).toContain("NOISY");
    expect(noisy).not.toContain("One run");
    const single = tableOf(reportOf(measured(1, [1], [1], [100, 105])));
    expect(single).not.toContain("NOISY");
    expect(single).toContain("One run");
  });
});
