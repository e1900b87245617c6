/** Gets the archive of a chart and makes sure that it is a pinned one. Runs before the graph is built. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { PlatformError } from "../errors.ts";
import type { ChartVersion } from "../versions.ts";
import { cacheFolder, keep, readCached } from "./cache.ts";
import { downloadBlob, downloadFile } from "./download.ts";

/** A verified archive on this machine. */
export interface ChartArchive {
  readonly folder: string;
  readonly file: string;
  readonly digest: string;
}

/**
 * Finds the archive: in the mirror, which is a directory or an `oci://` prefix, else at upstream. What was downloaded
 * once is kept.
 */
export async function chartArchive(chart: ChartVersion, mirror?: string): Promise<ChartArchive> {
  if (mirror !== undefined && !mirror.startsWith("oci://")) return fromDirectory(chart, resolve(mirror));
  const name = `${chart.digests.released.replace(":", "-")}.tgz`;
  const cached = await readCached(name);
  if (cached === undefined || !isPinned(chart, digestOf(cached))) {
    const origin = mirror === undefined ? chart.released : `${mirror}/${chart.name}`;
    const bytes = await (mirror === undefined ? downloadFile(origin) : downloadBlob(origin, chart.digests.released));
    verify(chart, bytes, origin);
    await keep(name, bytes);
  }
  return { folder: cacheFolder, file: name, digest: chart.digests.released };
}

async function fromDirectory(chart: ChartVersion, directory: string): Promise<ChartArchive> {
  const file = `${chart.name}-${chart.version}.tgz`;
  const path = join(directory, file);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) {
    const found = await readdir(directory).catch(() => undefined);
    throw new PlatformError(
      `The chart mirror ${directory} ${found === undefined ? "cannot be read" : `holds no ${file}`}.`,
      `Put the released archive there (${chart.released}), or remove the setting \`mirror\`.`,
    );
  }
  verify(chart, bytes, path);
  return { folder: directory, file, digest: digestOf(bytes) };
}

function verify(chart: ChartVersion, bytes: Buffer, origin: string): void {
  if (isPinned(chart, digestOf(bytes))) return;
  throw new PlatformError(
    `The archive of chart ${chart.name} ${chart.version} from ${origin} is not the pinned one: it is ${digestOf(bytes)}.`,
    `Allowed: ${Object.values(chart.digests).join(", ")}. Mirror the released archive unchanged (${chart.released}).`,
  );
}

function isPinned(chart: ChartVersion, digest: string): boolean {
  return Object.values(chart.digests).some((pinned) => pinned === digest);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
