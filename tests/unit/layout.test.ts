import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";

import { beforeAll, describe, expect, it } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");

/** Folders that every concept may use. */
const shared = ["kubernetes", "access", "charts", "aws", "workspaces"];

function sources(folder: string): { file: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file: join(folder, file), text: readFileSync(join(root, folder, file), "utf8") }));
}

function importsOf({ file, text }: { file: string; text: string }): string[] {
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) =>
    relative(root, join(root, dirname(file), path ?? "")),
  );
}

describe("the layout", () => {
  it("lets a concept import contracts and shared builders, never another concept", () => {
    const crossings = sources("components").flatMap((source) => {
      const [, concept, inner] = source.file.split("/");
      if (inner === undefined) return [];
      return importsOf(source).filter((path) => {
        const [, other, otherInner] = path.split("/");
        return otherInner !== undefined && other !== concept && !shared.includes(other ?? "");
      });
    });
    expect(crossings).toEqual([]);
  });

  it("has no circle of files, not even of types", () => {
    const files = ["components", "stacks", "checks", "commands"].flatMap(sources);
    const imports = new Map(files.map((source) => [source.file, importsOf(source)]));
    const ways: string[] = [];
    const seen = new Set<string>();
    const follow = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) ways.push([...way.slice(way.indexOf(file)), file].join(" → "));
      if (seen.has(file)) return;
      seen.add(file);
      for (const next of imports.get(file) ?? []) follow(next, [...way, file]);
    };
    for (const file of imports.keys()) follow(file, []);
    expect(ways).toEqual([]);
  });

  it("keeps the entry point small and the files readable", () => {
    const lines = (text: string) => text.split("\n").length;
    expect(lines(readFileSync(join(root, "index.ts"), "utf8"))).toBeLessThan(30);
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
      .map(({ name }) => name);
    const long = folders.flatMap(sources).filter(({ file, text }) => !file.endsWith(".test.ts") && lines(text) > 250);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it("names every image in versions.ts alone", () => {
    const named = sources("components")
      .filter(({ file }) => !file.endsWith("versions.ts"))
      .filter(({ text }) => /"(docker\.io|quay\.io|ghcr\.io|registry\.k8s\.io)\//.test(text));
    expect(named.map(({ file }) => file)).toEqual([]);
  });

  it("describes every setting's concept on a page", () => {
    const pages = readdirSync(join(root, "docs"));
    const concepts = readdirSync(join(root, "components"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${entry.name}.md`);
    expect(concepts.filter((page) => !pages.includes(page))).toEqual([]);
  });
});

/** One breach of each rule that keeps previews complete and honest. */
const breaches = `
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
export const clock = Date.now();
export const chance = Math.random();
export const environment = process.env["HOME"];
export const file = readFileSync("a", "utf8");
export const network = await fetch("https://example.org");
setTimeout(() => undefined, 1000);
export const url = \`https://\${pulumi.output("a")}\`;
async function ask() { await network.text(); }
ask();
export const anything: any = 1;
`;

/** What each folder must not see, as a file of it that exists, a text, and the refusals. */
const forbidden: readonly (readonly [file: string, text: string, refused: readonly string[]])[] = [
  [
    "commands/flip/settle.ts",
    'export { messageOf } from "../../stacks/settings/sentences.ts";\n',
    ["1 no-restricted-imports"],
  ],
  ["commands/flip/text.ts", 'export { messageOf } from "../../stacks/settings/sentences.ts";\n', []],
  ["components/names.ts", 'export { planOf } from "../checks/preflight/preflight.ts";\n', ["1 no-restricted-imports"]],
  ["stacks/plan.ts", 'export { doctor } from "../commands/doctor/doctor.ts";\n', ["1 no-restricted-imports"]],
  [
    "checks/readiness/watch.ts",
    'export { doctor } from "../../commands/doctor/doctor.ts";\n',
    ["1 no-restricted-imports"],
  ],
  ["commands/flip/text.ts", 'export { startNode } from "../../testbed/node/node.ts";\n', ["1 no-restricted-imports"]],
];

describe("the linter", () => {
  /** Line and rule of each refusal, by one linter for all, which needs its time to start. */
  const refusals = new Map<string, string[]>();
  const idOf = (file: string, text: string) => `${file}: ${text}`;

  beforeAll(() => {
    const given = [
      ["components/names.ts", breaches] as const,
      ...forbidden.map(([file, text]) => [file, text] as const),
    ];
    const script = `
      import { ESLint } from "eslint";
      const eslint = new ESLint();
      for (const [filePath, text] of JSON.parse(process.argv[1])) {
        const [{ messages }] = await eslint.lintText(text, { filePath });
        console.log(JSON.stringify(messages.map(({ line, ruleId }) => line + " " + ruleId)));
      }`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script, JSON.stringify(given)], {
      cwd: root,
      encoding: "utf8",
    });
    const printed = stdout.trim().split("\n");
    for (const [index, [file, text]] of given.entries()) {
      refusals.set(idOf(file, text), JSON.parse(printed[index] ?? "null") as string[]);
    }
  }, 300_000);

  it("refuses clock, chance, environment, files, network, sleeps, outputs in text, loose promises and any", () => {
    expect(refusals.get(idOf("components/names.ts", breaches))).toEqual(
      expect.arrayContaining([
        "3 no-restricted-imports",
        "4 no-restricted-globals",
        "5 no-restricted-properties",
        "6 no-restricted-globals",
        "8 no-restricted-globals",
        "9 no-restricted-globals",
        "10 @typescript-eslint/restrict-template-expressions",
        "12 @typescript-eslint/no-floating-promises",
        "13 @typescript-eslint/no-explicit-any",
      ]),
    );
  });

  it.each(forbidden)("lets %s see what is below it alone: %j", (file, text, refused) => {
    expect(refusals.get(idOf(file, text))).toEqual(refused);
  });
});
