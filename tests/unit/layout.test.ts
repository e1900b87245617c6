import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";

import { describe, expect, it } from "@jest/globals";

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

describe("the linter", () => {
  /** Line and rule of each refusal, in a file that exists, so that the type-aware rules know it. */
  function refusals(file: string, text: string): string[] {
    const { stdout } = spawnSync(
      process.execPath,
      ["node_modules/eslint/bin/eslint.js", "--stdin", "--stdin-filename", file, "--format", "json"],
      { cwd: root, input: text, encoding: "utf8" },
    );
    const [report] = JSON.parse(stdout) as { messages: { ruleId: string; line: number }[] }[];
    return (report?.messages ?? []).map(({ ruleId, line }) => `${line} ${ruleId}`);
  }

  it("refuses clock, chance, environment, files, network, sleeps, outputs in text, loose promises and any", () => {
    expect(refusals("components/names.ts", breaches)).toEqual(
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
  }, 60_000);

  it("lets the sentences of problems be read by what prints them alone", () => {
    const reads = 'import { messageOf } from "../../stacks/settings/sentences.ts";\nexport const text = messageOf;\n';
    expect(refusals("commands/flip/settle.ts", reads)).toEqual(["1 no-restricted-imports"]);
    expect(refusals("commands/flip/text.ts", reads)).toEqual([]);
  }, 60_000);
});
