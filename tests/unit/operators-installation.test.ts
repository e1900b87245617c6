import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

import { expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "../..");

/** Every file that is loaded from an entry, and the packages that they name. */
function loadedFrom(entries: readonly string[]) {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(join(root, file), "utf8");
    const imports = /^(?:import|export|\}).* from "([^"\s]+)";$|^import "([^"]+)";$|\bimport\("([^"]+)"\)/gm;
    for (const [, whole, bare, late] of text.matchAll(imports)) {
      const path = whole ?? bare ?? late ?? "";
      if (path.startsWith(".")) waiting.push(relative(root, resolve(root, dirname(file), path)));
      else if (!path.startsWith("node:")) packages.set(/^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path, file);
    }
  }
  return { files, packages };
}

test("`npm ci --omit=dev` is enough for the program and for every command", () => {
  const commands = readdirSync(join(root, "commands"), { recursive: true, encoding: "utf8" });
  const entries = commands.filter((file) => file.endsWith("main.ts")).map((file) => join("commands", file));
  expect(entries.length).toBeGreaterThanOrEqual(4);
  const { files, packages } = loadedFrom(["index.ts", ...entries]);
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  expect([...packages].filter(([name]) => !(name in manifest.dependencies))).toEqual([]);
  // Nobody would miss a package that nothing loads.
  expect(Object.keys(manifest.dependencies).filter((name) => !packages.has(name))).toEqual([]);
  expect([...files].filter((file) => /^(testbed|tests|docs)\//.test(file))).toEqual([]);
});

test("a command runs on the Node at hand where the development dependencies were left out; nothing else does", () => {
  const checkout = mkdtempSync(join(tmpdir(), "datalab-unit-"));
  try {
    copyFileSync(join(root, "start.mjs"), join(checkout, "start.mjs"));
    mkdirSync(join(checkout, "commands/doctor"), { recursive: true });
    writeFileSync(join(checkout, "commands/doctor/main.ts"), "console.log(process.argv[2] as string);");
    writeFileSync(join(checkout, "package.json"), '{ "name": "checkout", "type": "module" }');
    writeFileSync(join(checkout, "package-lock.json"), "not a lock file");
    mkdirSync(join(checkout, "node_modules"));
    writeFileSync(join(checkout, "node_modules/.package-lock.json"), "");
    const start = (...args: string[]) =>
      spawnSync(process.execPath, ["start.mjs", ...args], { cwd: checkout, encoding: "utf8" });
    expect(start("doctor", "word").stdout).toBe("word\n");
    const demo = start("demo");
    expect([demo.status, demo.stderr]).toEqual([1, expect.stringContaining("Installing dependencies with `npm ci` …")]);
  } finally {
    rmSync(checkout, { recursive: true });
  }
}, 60_000);
