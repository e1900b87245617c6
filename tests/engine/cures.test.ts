import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import process from "node:process";
import { parse, stringify } from "yaml";

import { parsePath } from "../../commands/flip/property-path.ts";
import { stackConfigOf, stackFileOf } from "../../commands/stack-file/stack-file.ts";
import { parseYaml } from "../../commands/stack-file/yaml.ts";
import type { Path } from "../../stacks/settings/cures.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { valueAt } from "../../stacks/settings/schema-paths.ts";
import { type PrintedProblem, printed } from "../../stacks/settings/sentences.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { stackValues, type StackValues } from "../support/arbitrary-settings.ts";
import { closeBench, configBench, type ConfigBench } from "../support/config-bench.ts";

jest.setTimeout(300_000);

let bench: ConfigBench;

beforeAll(async () => {
  bench = await configBench();
});

afterAll(() => {
  closeBench(bench);
});

/** A way to break a file, with numbers that choose where. */
type Slip = (config: Record<string, unknown>, choose: (from: number) => number) => void;

const pick = <T>(list: readonly T[], choose: (from: number) => number) => list[choose(list.length)]!;

/** Every place of a file, but no whole component. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, inner]) =>
    placesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length < 2 ? inside : [path, ...inside];
}

function replace(config: Record<string, unknown>, path: Path, value: unknown): void {
  const parent = valueAt(config, path.slice(0, -1)) as Record<string | number, unknown>;
  parent[path.at(-1)!] = value;
}

const slips: Readonly<Record<string, Slip>> = {
  "a value of another kind": (config, choose) => {
    replace(config, pick(placesIn(config), choose), pick([8, true, "Zz!", [], {}, ["Zz!"], null, -5, 1.5], choose));
  },
  "a setting that nobody knows": (config, choose) => {
    // Another slip may have made a text of a component.
    const components = Object.keys(config).filter((key) => typeof config[key] === "object");
    replace(config, [pick(components, choose), pick(["replica", "protectdata", "it's", 'a"b', "x.y"], choose)], 1);
  },
  "a path for a key": (config, choose) => {
    config[pick(["datalab:platform.domain", "datalab:identity.groups[0]", 'datalab:por"tal', "portal.title"], choose)] =
      "x";
  },
  "a misspelt namespace": (config, choose) => {
    const key = pick(Object.keys(config), choose);
    const value = config[key];
    if (choose(2) === 0) Reflect.deleteProperty(config, key);
    config[key.replace("datalab", pick(["data-lab", "datalb", "lab"], choose))] = value;
  },
  "a misspelt component": (config, choose) => {
    const key = pick(Object.keys(config), choose);
    config[`${key}s`] = config[key];
  },
  "a setting that is missing": (config, choose) => {
    const path = pick(
      placesIn(config).filter((one) => typeof one.at(-1) === "string"),
      choose,
    );
    Reflect.deleteProperty(valueAt(config, path.slice(0, -1)) as object, String(path.at(-1)));
  },
};

function problemsOf(text: string): readonly PrintedProblem[] {
  try {
    parseSettings(stackFileOf("home", stackConfigOf(parseYaml(text))));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(printed);
    throw error;
  }
}

/** Does what a cure says first, with what a person knows of their own platform in the place of `<…>`. */
async function follow(text: string, { cure, message }: PrintedProblem, right: StackValues): Promise<string> {
  const [edit] = /^In the stack file, .*$/m.exec(cure) ?? [];
  if (edit !== undefined) return edited(text, edit, right);
  const lines = cure.split("\n");
  const or = lines.findIndex((line) => line.startsWith("or"));
  const commands = lines.slice(0, or === -1 ? lines.length : or).filter((line) => line.startsWith("pulumi "));
  const filled = commands.map((line) =>
    line.replaceAll("<name>", "notes").replace(/--path '(.*?)' (-- )?'<.*>'$/, (_all, setting: string, dashes = "") => {
      const value = valueAt(right, parsePath(setting));
      const known = ["string", "number", "boolean"].includes(typeof value) ? String(value) : guessFor(setting, message);
      return `--path '${setting}' ${dashes}'${known.replaceAll("'", "'\\''")}'`;
    }),
  );
  return bench.follow(text, filled.join("\n"));
}

/** Where the right file says nothing, because a cure has led to other words: what the message gives as an example. */
function guessFor(setting: string, message: string): string {
  const [, example] = / like ([^\s,]+)/.exec(message) ?? [];
  if (example !== undefined) return example;
  if (setting.includes("redirectUris")) return "https://notes.example.org/";
  return setting.endsWith("email") ? "operators@example.org" : "x";
}

/** What the CLI cannot do is done by hand. */
function edited(text: string, edit: string, right: StackValues): string {
  const [first = "", second = ""] = [...edit.matchAll(/`([^`]*)`/g)].map(([, name = ""]) => name);
  const document = parse(text) as { config: Record<string, unknown> };
  const { config } = document;
  if (edit.includes(" change what ")) {
    const path = parsePath(first.replace(/^datalab:/, ""));
    const [key, ...below] = path;
    replace(config, [`datalab:${key ?? ""}`, ...below], valueAt(right, path));
  } else if (edit.includes(" move ")) {
    config[second] = { ...(config[second] as object), ...(config[first] as object) };
    Reflect.deleteProperty(config, first);
  } else if (second in config) {
    config[first] = config[second];
    Reflect.deleteProperty(config, second);
  }
  return stringify(document);
}

describe("cures", () => {
  it("lead from any broken file to one that is accepted, typed as they are printed into the real CLI", async () => {
    const cases = fc.tuple(
      stackValues.filter(({ certificates }) => certificates?.["issuer"] !== "provided"),
      fc.array(fc.tuple(fc.constantFrom(...Object.keys(slips)), fc.infiniteStream(fc.nat())), {
        minLength: 3,
        maxLength: 5,
      }),
    );
    const seed = Number(process.env["CURES_SEED"] ?? 20_261_130);
    for (const [values, broken] of fc.sample(cases, { seed, numRuns: Number(process.env["CURES_RUNS"] ?? 4) })) {
      const right = structuredClone(values);
      // Credentials need their real values.
      delete right["identity"]?.["smtp"];
      delete right["platform"]?.["imagePull"];
      const config: Record<string, unknown> = Object.fromEntries(
        Object.entries(structuredClone(right)).map(([key, value]) => [`datalab:${key}`, value]),
      );
      for (const [name, numbers] of broken) slips[name]!(config, (from) => (numbers.next().value as number) % from);
      let text = stringify({ config });
      const story = [`seed ${seed}: ${broken.map(([name]) => name).join(", ")}`, text];
      for (let round = 0; round < 8; round++) {
        const [problem] = problemsOf(text);
        if (problem === undefined) break;
        for (const one of problemsOf(text)) {
          story.push(`${JSON.stringify(one.path)} ${one.message}\n${one.cure}`);
          text = await follow(text, one, right).catch((error: unknown) => {
            throw new Error(`${story.join("\n")}\n${String(error)}`);
          });
        }
      }
      // The whole story is what helps: which file, which cures.
      expect(problemsOf(text).length === 0 ? "accepted" : story.join("\n")).toBe("accepted");
    }
  });
});
