/** Packs a chart of the test bed as the platform's own catalogue packs its charts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type ChartPackage, packChart } from "../../components/catalogue/package.ts";

/** @param image Put in the place of the word IMAGE in the chart's values. */
export function packFolder(folder: string, image: string): ChartPackage {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, Buffer] => {
      const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
      const content = readFileSync(join(folder, path));
      return [path, path === "values.yaml" ? Buffer.from(content.toString("utf8").replace("IMAGE", image)) : content];
    });
  return packChart(Object.fromEntries(files));
}
