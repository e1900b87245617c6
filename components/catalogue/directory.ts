/** A folder of the user's own charts: read, checked, packed. */
import type { FolderEntry } from "../charts/folder.ts";
import { PlatformError } from "../errors.ts";
import type { ChartFiles } from "./chart.ts";
import { type ChartFault, fileFaults, readMetadata, type ReadMetadata } from "./chart-checks.ts";
import { ownChartNames } from "./names.ts";
import { type ChartPackage, packChart } from "./package.ts";
import { sumFaults, sumsName } from "./sums.ts";

/** Most bytes of a folder's archives. One ConfigMap holds 1 MiB, with the platform's own charts and the index. */
export const mostBytes = 1_000_000;

/** A chart of the folder, with the place that its faults are told at. */
export interface FolderChart {
  readonly folder: string;
  readonly metadata: ReadMetadata;
  readonly chart: ChartPackage;
}

/** Charts and faults of what lies in the folder. Each folder of it is a chart; single files beside them are none. */
export function chartsIn(entries: readonly FolderEntry[]): {
  readonly charts: FolderChart[];
  readonly faults: ChartFault[];
} {
  const faults = entries.flatMap(unreadable);
  const charts: FolderChart[] = [];
  for (const [folder, files] of foldersIn(entries)) {
    const text = files["Chart.yaml"];
    if (text === undefined) {
      faults.push({ path: folder, reason: "has no Chart.yaml" });
      continue;
    }
    const { metadata, faults: found } = readMetadata(folder, text.toString());
    const all = [...found, ...(metadata === undefined ? [] : fileFaults(folder, files, metadata))];
    faults.push(...all);
    if (metadata !== undefined && all.length === 0) charts.push({ folder, metadata, chart: packChart(files) });
  }
  faults.push(...charts.flatMap((chart, index) => clashes(chart, charts.slice(0, index))), ...sizeFaults(charts));
  if (faults.length === 0 && charts.length === 0) faults.push({ path: ".", reason: "holds no chart" });
  const sums = entries.find(({ kind, path }) => kind === "file" && path === sumsName);
  // Of charts that change anyway, nobody wants to know.
  if (faults.length === 0) faults.push(...sumFaults(sums?.kind === "file" ? sums.content.toString() : "", charts));
  return { charts, faults };
}

/** All that has to be changed, at once. */
export function directoryError(directory: string, faults: readonly ChartFault[]): PlatformError {
  const lines = faults.map(({ path, line, reason }) => {
    const place = path === "." ? directory : `${directory}/${path}`;
    return `${place}${line === undefined ? "" : `:${line}`}: ${reason}`;
  });
  return new PlatformError(
    `The charts of \`catalogue.directory\` cannot be offered:\n  ${lines.join("\n  ")}`,
    "Change these files, or remove the setting: pulumi config rm --path datalab:catalogue.directory",
  );
}

function unreadable(entry: FolderEntry): ChartFault[] {
  if (entry.kind === "other")
    return [{ path: entry.path, reason: "is no plain file: put a copy in the place of a link" }];
  if (entry.kind === "file") return [];
  return [{ path: entry.path, reason: `has ${entry.bytes} bytes: all charts together have room for ${mostBytes}` }];
}

/** Files by chart's folder, and by path in it. */
function foldersIn(entries: readonly FolderEntry[]): Map<string, ChartFiles> {
  const folders = new Map<string, Record<string, Buffer>>();
  for (const { path, ...entry } of entries) {
    const [folder = "", ...rest] = path.split("/");
    if (rest.length === 0) continue;
    const files = folders.get(folder) ?? {};
    if (entry.kind === "file") files[rest.join("/")] = entry.content;
    folders.set(folder, files);
  }
  return folders;
}

function clashes({ folder, metadata }: FolderChart, before: readonly FolderChart[]): ChartFault[] {
  const { name, version, lines } = metadata;
  const path = `${folder}/Chart.yaml`;
  if (ownChartNames.some((own) => own === name)) {
    return [
      { path, line: lines.name, reason: `is called ${name}, as a chart of the platform is: choose another name` },
    ];
  }
  const other = before.find(({ metadata: given }) => given.name === name && given.version === version);
  if (other === undefined) return [];
  const reason = `is ${name} ${version}, and so is ${other.folder}/Chart.yaml: one of them needs another version`;
  return [{ path, line: lines.version, reason }];
}

function sizeFaults(charts: readonly FolderChart[]): ChartFault[] {
  const sizes = charts.map(({ folder, chart }) => ({ folder, bytes: chart.archive.length }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= mostBytes) return [];
  const each = sizes.toSorted((a, b) => b.bytes - a.bytes).map(({ folder, bytes }) => `${folder} ${bytes}`);
  return [
    { path: ".", reason: `has charts of ${total} bytes, and there is room for ${mostBytes}: ${each.join(", ")}` },
  ];
}
