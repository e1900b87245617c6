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

/** Finished resources, by the operation: two of the first `up`, one of an update, one of a destroy. */
function momentsOf(seed: number): number[] {
  const bytes = createHash("sha256").update(String(seed)).digest();
  const between = (index: number, least: number, most: number) =>
    least + Math.floor(((bytes[index] ?? 0) / 256) * (most - least));
  return [between(0, 15, 90), between(1, 90, 175), between(2, 100, 178), between(3, 10, 150)];
}

for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const moments = momentsOf(seed).join();
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
