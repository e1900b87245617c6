/** Which unit tests say something about which file. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

import { importsOf, reachedFrom } from "./modules.ts";

/**
 * Not run for mutants: they choose at random, build the whole platform for each combination of words, start programs,
 * or mock modules.
 */
const leftOut = /^(platform-graph|switches|flip|preflight|readiness|stand-.*)\.test\.ts$/;

/** Mocks and timers are jest's own. */
const needsJest = /^import \{[^}]*\bjest\b[^}]*\} from "@jest\/globals"/m;

/** Folders without a component: what uses them tests them. */
const shared = /^components\/((kubernetes|access|aws|charts)\/)?[^/]+$/;

/** Builds the whole platform, as the two stack files of the repository ask for it. */
const whole = "project.test.ts";

/**
 * Unit tests that reach a file: of a concept's file those of the concept and {@link whole}, of another file all. Those
 * that import the file itself come first.
 * @param folder Of the repository
 */
export function testFilesOf(folder: string, file: string): string[] {
  const unit = join(folder, "tests", "unit");
  const tests = readdirSync(unit)
    .filter((name) => name.endsWith(".test.ts") && !leftOut.test(name))
    .map((name) => join(unit, name))
    .filter((test) => !needsJest.test(readFileSync(test, "utf8")))
    .filter((test) => speaksOfProduct(folder, test) && reachedFrom(test).has(file))
    .sort((a, b) => Number(importsOf(b).includes(file)) - Number(importsOf(a).includes(file)));
  const concept = `${dirname(file)}/`;
  const own = tests.filter((test) => importsOf(test).some((path) => path.startsWith(concept)));
  if (shared.test(relative(folder, file)) || own.length === 0) return tests;
  return [...own, ...tests.filter((test) => basename(test) === whole && !own.includes(test))];
}

function speaksOfProduct(folder: string, test: string): boolean {
  return importsOf(test).some((path) => /^(components|stacks)\//.test(relative(folder, path)));
}
