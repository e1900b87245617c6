/** `npm run soak -- --seeds N`: operations are killed at N rounds of other moments than the tests choose. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "3" }, first: { type: "string", default: "1" } },
});
const first = Number(values.first);
const jest = join(import.meta.dirname, "../node_modules/jest/bin/jest.js");

/** Finished resources: six moments of the first `up`, three of an update, three of a destroy. */
function momentsOf(seed: number): string {
  const bytes = createHash("sha256").update(String(seed)).digest();
  const between = (index: number, least: number, most: number) =>
    least + Math.floor(((bytes[index] ?? 0) / 256) * (most - least));
  const parts = [
    [10, 30, 60, 90, 120, 150].map((least, index) => between(index, least, least + 28)),
    [60, 100, 140].map((least, index) => between(6 + index, least, least + 38)),
    [10, 10, 10].map((least, index) => between(9 + index, least, 50)),
  ];
  return parts.map((part) => part.join()).join("/");
}

for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const moments = momentsOf(seed);
  process.stdout.write(`seed ${seed}: killed after ${moments} resources\n`);
  const { status } = spawnSync(
    process.execPath,
    [jest, "--selectProjects", "node", "--testPathPatterns", "node/broken-off"],
    { stdio: "inherit", env: { ...process.env, DATALAB_MOMENTS: moments } },
  );
  if (status !== 0) {
    process.stdout.write(`again: npm run soak -- --seeds 1 --first ${seed}\n`);
    process.exit(1);
  }
}
