/** Packs a chart of the test bed as a Helm repository serves it: the same bytes on every machine. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { gzipStored } from "../toolchain/gzip.ts";
import { tarArchive } from "../toolchain/tar.ts";

export interface ChartPackage {
  readonly fileName: string;
  readonly archive: Buffer;
  /** What a repository's index says of it; the address is below the repository's own. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** @param image Put in the place of the word IMAGE in the chart's values. */
export function packChart(folder: string, image: string): ChartPackage {
  const chart = parse(readFileSync(join(folder, "Chart.yaml"), "utf8")) as { name: string; version: string };
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    // Where helm's own archives have it: in front.
    .toSorted((a, b) => Number(b === "Chart.yaml") - Number(a === "Chart.yaml") || (a < b ? -1 : 1))
    .map((path) => {
      const content = readFileSync(join(folder, path));
      const filled = path === "values.yaml" ? Buffer.from(content.toString("utf8").replace("IMAGE", image)) : content;
      return { path: `${chart.name}/${path}`, content: filled };
    });
  const archive = gzipStored(tarArchive(files));
  const fileName = `${chart.name}-${chart.version}.tgz`;
  const digest = createHash("sha256").update(archive).digest("hex");
  return { fileName, archive, entry: { ...chart, digest, urls: [fileName] } };
}

/** The `index.yaml` of a repository that serves these. */
export function repositoryIndex(packages: readonly ChartPackage[]): string {
  const entries = Object.fromEntries(packages.map(({ entry }) => [String(entry["name"]), [entry]]));
  return stringify({ apiVersion: "v1", entries });
}
