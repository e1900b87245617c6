import { existsSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { parseArguments } from "../../commands/explain/arguments.ts";
import { effectsOn } from "../../commands/explain/effects.ts";
import { explain, type Stack } from "../../commands/explain/explain.ts";
import type { Explanation, ResourceExplanation } from "../../commands/explain/explanation.ts";
import { nearMisses } from "../../commands/explain/near-misses.ts";
import { pictureOf } from "../../commands/explain/picture.ts";
import { purposeOf } from "../../commands/explain/purpose.ts";
import { sampleOf } from "../../commands/explain/samples.ts";
import { stackOf } from "../../commands/explain/stack.ts";
import { subjectOf } from "../../commands/explain/subject.ts";
import { textOf } from "../../commands/explain/text.ts";
import { settingsWith } from "../../commands/explain/tried.ts";
import { candidates } from "../../commands/explain/trials.ts";
import { UsageError } from "../../commands/usage-error.ts";
import { planOf } from "../../stacks/plan.ts";
import { jsonSchemaOf } from "../../stacks/settings/schema-problems.ts";
import { settingsSchemas } from "../../stacks/settings/schemas.ts";
import { smallChart } from "../support/charts.ts";
import { previewedGraph } from "../support/digest.ts";
import { secretMarker } from "../support/graph.ts";
import { stackFile } from "../support/stack-file.ts";

const password = `${secretMarker}-registry-password`;
const values = {
  ...stackFile("dev").values,
  platform: { domain: "demo.test", imageMirror: "mirror.example.org", imagePull: { username: "robot", password } },
};
let stack: Stack;

beforeAll(async () => {
  stack = await stackOf("test", values, [["platform", "imagePull", "password"]], { certManager: smallChart });
}, 60_000);

function subject(word: string, of = stack) {
  const hosts = { ...planOf(of.settings).hosts };
  return subjectOf(word, { graph: of.graph, hosts, settings: of.settingPaths });
}

/** With the settings of some keys alone: each that is tried takes a while. */
function explained(word: string, ...keys: readonly string[]): Promise<Explanation> {
  const tried = stack.candidates.filter(({ path }) => keys.length === 0 || keys.includes(String(path[0])));
  return explain(subject(word), { ...stack, candidates: tried });
}

async function resource(word: string, ...keys: readonly string[]): Promise<ResourceExplanation> {
  const told = await explained(word, ...keys);
  if (told.kind !== "resource") throw new Error(`${word} is a ${told.kind}`);
  return told;
}

const minutes = 60_000;

describe("the graph without an engine", () => {
  it(
    "is the one that a preview tells: the same resources, waiting for the same",
    async () => {
      const previewed = await previewedGraph(values);
      expect([...stack.graph.keys()].toSorted()).toEqual([...previewed.keys()].toSorted());
      for (const [urn, { dependencies, parent, provider }] of previewed) {
        const own = stack.graph.get(urn)!;
        expect({ urn, to: own.dependencies.toSorted() }).toEqual({ urn, to: dependencies.toSorted() });
        expect([own.parent, own.provider]).toEqual([parent, provider]);
      }
    },
    minutes,
  );
});

describe("an explanation of a resource", () => {
  it(
    "names the setting that makes it, those that shape it, and its neighbours",
    async () => {
      const told = await resource("ingress datalab-storage/object-store-console", "objectStore", "platform");
      const makers = told.causes.filter(({ does }) => does === "makes").map(({ setting }) => setting);
      expect(makers).toEqual(["objectStore.kind", "objectStore.console"]);
      expect(told.causes.find(({ setting }) => setting === "platform.domain")).toMatchObject({
        does: "shapes",
        written: true,
        value: "demo.test",
      });
      expect(told).toMatchObject({ part: "object-store (MinioTenant)", page: "docs/object-store.md" });
      expect(told.causes.map(({ setting }) => setting)).not.toContain("objectStore.resources.cpu");
    },
    3 * minutes,
  );

  it(
    "of a part tells what it waits for, and leaves out what follows from that",
    async () => {
      const told = await resource("keycloak", "dns");
      expect(told.label).toBe("keycloak (Keycloak)");
      expect(told.waitsFor).toEqual(["database (PostgresDatabase)"]);
      expect(told.waitedForBy).toEqual(["realm (KeycloakRealm)"]);
      expect(told.causes.filter(({ does }) => does === "makes")).toEqual([]);
      const text = textOf(told);
      expect(text).toContain("no setting that could be tried takes it away");
      expect(text).toContain("  waits for      database (PostgresDatabase)\n");
      expect(pictureOf(told)).toContain('n0["keycloak (Keycloak)"]:::subject');
      expect(pictureOf(told)).toContain("n0 --> n2");
    },
    3 * minutes,
  );

  it(
    "finds the same by groups as one by one",
    async () => {
      const urn = [...stack.graph.keys()].find((one) => one.endsWith("::cluster-dns"))!;
      const all = candidates(stack.settings, values).filter(({ path }) =>
        ["dns", "platform"].includes(String(path[0])),
      );
      const together = await effectsOn(urn, stack.graph, all, stack.tryOut);
      const single: typeof together = [];
      for (const one of all) single.push(...(await effectsOn(urn, stack.graph, [one], stack.tryOut)));
      const names = (effects: typeof together) =>
        effects.map(({ candidate, does }) => [candidate.path.join("."), does]);
      expect(names(together).toSorted()).toEqual(names(single).toSorted());
      expect(names(together)).toContainEqual(["platform.domain", "shapes"]);
    },
    3 * minutes,
  );

  it(
    "shows a secret by name alone, and still finds what it shapes",
    async () => {
      const told = await resource("Secret datalab-portal/image-pull", "platform");
      expect(told.causes.find(({ setting }) => setting === "platform.imagePull.password")).toMatchObject({
        value: undefined,
        with: "another secret",
      });
      const setting = await explained("platform.imagePull.password");
      expect(textOf(setting)).toContain("a secret, or empty");
      expect(textOf(setting)).toContain("another secret: changes Secret ");
      const everything = [told, setting].map((one) => JSON.stringify(one) + textOf(one) + pictureOf(one)).join();
      expect(everything).not.toContain(secretMarker);
    },
    3 * minutes,
  );
});

describe("an explanation of a host", () => {
  it("names the setting, who answers and the page", async () => {
    const told = await explained("https://auth.demo.test/realms");
    expect(told).toMatchObject({
      kind: "host",
      host: "auth.demo.test",
      role: "identity",
      causes: [{ setting: "platform.domain", value: "demo.test" }],
      servedBy: ["Ingress datalab-identity/keycloak of keycloak (Keycloak)"],
      page: "docs/identity.md",
    });
    expect(subject("my-notebook.lab.demo.test")).toMatchObject({ host: "lab.demo.test", role: "services" });
  });
});

describe("an explanation of a setting", () => {
  it(
    "tells what it means, what it is, and what another value would do",
    async () => {
      const told = await explained("objectStore.console");
      expect(told).toMatchObject({ value: "true", written: true, page: "docs/object-store.md" });
      const text = textOf(told);
      expect(text).toMatch(/false: takes away .*Ingress datalab-storage\/object-store-console/);
      expect(textOf(await explained("portal.title"))).toContain("(default)");
    },
    minutes,
  );

  it("says when this stack does not read it, and what is below a group", async () => {
    expect(textOf(await explained("objectStore.endpoint"))).toContain("not read by this stack");
    expect(textOf(await explained("datalab:identity"))).toContain("identity.replicas");
  });
});

describe("a word", () => {
  it("that nothing is called gets near misses", () => {
    expect(() => subject("keyclock")).toThrow(UsageError);
    expect(() => subject("keyclock")).toThrow(/did you mean keycloak/);
    expect(() => subject("objectStore.consol")).toThrow(/did you mean objectStore\.console/);
    expect(() => subject("aut.demo.test")).toThrow(/did you mean auth\.demo\.test/);
    expect(nearMisses("realm", ["ream", "portal", "realm-import"])).toEqual(["ream", "realm-import"]);
  });

  it("that a part has means the part, and a place in a list is a setting", () => {
    expect(subject("keycloak")).toMatchObject({ urn: expect.stringMatching(/::datalab:identity:Keycloak::keycloak$/) });
    expect(subject("identity.groups[3]")).toMatchObject({ kind: "setting", path: ["identity", "groups", 3] });
    expect(subject("identity.firstUsers.carol.email")).toMatchObject({ known: "identity.firstUsers.<name>.email" });
  });

  it("that several objects have is refused with their names", () => {
    expect(() => subject("deny-all")).toThrow(/deny-all is the name of several: NetworkPolicy /);
    expect(subject("NetworkPolicy datalab-storage/deny-all")).toMatchObject({ kind: "resource" });
  });
});

describe("what is tried", () => {
  it("is accepted by the schemas for nearly every setting", () => {
    const untried = candidates(stack.settings, values).filter(
      ({ trials }) => !trials.some((trial) => settingsWith(values, [trial]) !== undefined),
    );
    // Groups and roles must be among those that stand elsewhere, and a request below its limit.
    const left = ["firstUsers.alice.groups", "firstUsers.alice.roles", "firstUsers.bob.groups", "firstUsers.bob.roles"];
    expect(untried.map(({ path }) => path.join("."))).toEqual([
      ...left.map((name) => `identity.${name}`),
      "portal.services.cpu.request",
    ]);
  });

  it("has a sample for every component's settings", () => {
    for (const schema of Object.values(settingsSchemas)) {
      expect(schema.safeParse(sampleOf(jsonSchemaOf(schema))).error?.issues).toBeUndefined();
    }
  });
});

describe("the purpose of a component", () => {
  it("is in its source, with a page, for every component of the graph", () => {
    const types = new Set([...stack.graph.values()].filter(({ custom }) => !custom).map(({ type }) => type));
    for (const type of types) {
      const { sentence, page } = purposeOf(type);
      expect({ type, sentence }).toEqual({ type, sentence: expect.stringMatching(/^[A-Z].*[.:]$/) });
      expect(existsSync(join(import.meta.dirname, "..", "..", page ?? "none"))).toBe(true);
    }
  });
});

describe("the command line", () => {
  it("wants one thing and a stack", () => {
    expect(parseArguments(["keycloak", "-s", "dev", "--graph"])).toMatchObject({ word: "keycloak", graph: true });
    expect(parseArguments(["--help"])).toBeUndefined();
    expect(() => parseArguments(["keycloak"])).toThrow("which stack?");
    expect(() => parseArguments(["-s", "dev"])).toThrow("what is to be explained?");
    expect(() => parseArguments(["a", "b", "-s", "dev"])).toThrow("one thing at a time");
  });
});
