/** `charts.sum`: what each version of a chart was. Who has loaded an archive keeps it under its version. */
import type { ChartFault, ReadMetadata } from "./chart-checks.ts";
import type { ChartPackage } from "./package.ts";

export const sumsName = "charts.sum";

interface SummedChart {
  readonly folder: string;
  readonly metadata: ReadMetadata;
  readonly chart: Pick<ChartPackage, "name" | "version" | "content">;
}

/** Lines that are none, charts that are not recorded, and charts that are no longer what was recorded. */
export function sumFaults(text: string, charts: readonly SummedChart[]): ChartFault[] {
  const faults: ChartFault[] = [];
  const recorded = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [, key, content] = /^(\S+ \S+) (sha256:[0-9a-f]{64})$/.exec(line) ?? [];
    if (key !== undefined && content !== undefined && !recorded.has(key)) recorded.set(key, content);
    else
      faults.push({
        path: sumsName,
        line: index + 1,
        reason: key === undefined ? "is no line of name, version and sum" : `names ${key} again`,
      });
  }
  for (const { folder, metadata, chart } of charts) {
    const key = `${chart.name} ${chart.version}`;
    const before = recorded.get(key);
    const row = `${key} ${chart.content}`;
    if (before === undefined) {
      faults.push({ path: sumsName, reason: `does not know ${key}: append the line \`${row}\`` });
    } else if (before !== chart.content) {
      const reason = `is ${key}, which was something else: whoever has loaded that keeps it. Raise the version`;
      faults.push({ path: `${folder}/Chart.yaml`, line: metadata.lines.version, reason });
    }
  }
  return faults;
}
