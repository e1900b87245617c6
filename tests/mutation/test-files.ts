/** Which unit tests say something about which file. */
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { importsOf, reachedFrom } from "./modules.ts";

/**
 * Not run for mutants: they choose at random, build the whole platform for each combination of words, start programs,
 * or mock modules.
 */
const leftOut = /^(platform-graph|switches|images|doctor.*|flip|preflight|readiness|pinned-chart|stand-.*)\.test\.ts$/;

/** Unit tests that import product code themselves. */
export function testFiles(folder: string): string[] {
  const unit = join(folder, "tests", "unit");
  return readdirSync(unit)
    .filter((name) => name.endsWith(".test.ts") && !leftOut.test(name))
    .map((name) => join(unit, name))
    .filter((file) => importsOf(file).some((path) => /^(components|stacks)\//.test(relative(folder, path))));
}

/** Those that reach a file, first the ones that import it, then the ones of its folder. */
export function testFilesOf(folder: string, file: string): string[] {
  const rank = (test: string) => {
    const direct = importsOf(test);
    if (direct.includes(file)) return 0;
    return direct.some((path) => dirname(path) === dirname(file)) ? 1 : 2;
  };
  return testFiles(folder)
    .filter((test) => reachedFrom(test).has(file))
    .sort((a, b) => rank(a) - rank(b));
}
