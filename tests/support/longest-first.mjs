/**
 * Begins with the test files that are likely to take longest. Without durations of an earlier run jest goes by the size of a
 * file, and the walk, which is the longest and has its own folder, would begin when all others have ended.
 */
import { globSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import Sequencer from "@jest/test-sequencer";

export default class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const sizes = new Map(tests.map((test) => [test, size(test)]));
    return sorted.toSorted((a, b) => sizes.get(b) - sizes.get(a));
  }
}

/** Bytes of a test file with what has its name beside it: `tests/walk/`, `tests/node/doctor/`, `tests/support/broken-off.ts`. */
function size({ path, context }) {
  const name = basename(path, ".test.ts");
  const places = [`tests/${name}/**/*.ts`, `tests/*/${name}/**/*.ts`, `tests/support/${name}.ts`];
  const { rootDir } = context.config;
  const found = globSync(places, { cwd: rootDir }).filter((file) => !file.endsWith(".test.ts"));
  const files = [path, ...found.map((file) => join(rootDir, file))];
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}
