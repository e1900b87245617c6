/** Packs charts as a Helm repository serves them: the same bytes on every machine. */
import { createHash } from "node:crypto";

import { parse, stringify } from "yaml";

import type { ChartFiles } from "./chart.ts";
import { gzipStored } from "./gzip.ts";
import { tarArchive } from "./tar.ts";

/** A packed chart. */
export interface ChartPackage {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
  readonly archive: Buffer;
  /** What is in the archive, as the SHA-256 of the tar. */
  readonly content: `sha256:${string}`;
  /** What a repository's index says of it; the address is below the repository's own. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Packs a folder's files. Their order means nothing. */
export function packChart(files: ChartFiles): ChartPackage {
  const chart = parse(String(files["Chart.yaml"])) as { readonly name: string; readonly version: string };
  const paths = Object.keys(files)
    // Where helm's own archives have it: in front.
    .toSorted((a, b) => Number(b === "Chart.yaml") - Number(a === "Chart.yaml") || (a < b ? -1 : 1));
  const tar = tarArchive(
    paths.map((path) => ({ path: `${chart.name}/${path}`, content: Buffer.from(files[path] ?? "") })),
  );
  const archive = gzipStored(tar);
  const fileName = `${chart.name}-${chart.version}.tgz`;
  return {
    name: chart.name,
    version: chart.version,
    fileName,
    archive,
    content: `sha256:${sha256(tar)}`,
    entry: { ...chart, digest: sha256(archive), urls: [fileName] },
  };
}

/** The `index.yaml` of a repository that serves these. It says nothing of when it was made. */
export function repositoryIndex(packages: readonly ChartPackage[]): string {
  const sorted = packages.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const entries = Object.fromEntries(
    sorted.map(({ name }) => [name, sorted.filter((each) => each.name === name).map(({ entry }) => entry)]),
  );
  return stringify({ apiVersion: "v1", entries });
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
