import type { Report, ReportRow } from "./report.ts";
import type { Ratio, Verdict } from "./statistics.ts";

/** Above it, a fixed workload takes so unequal times that the machine is doing something else besides. */
const quiet = 0.1;

const head = ["", "median", "min … max", "spread", "memory", "ratio", "min … max", "target"];

/** The report for people. */
export function tableOf(report: Report): string {
  const cells = report.comparisons.map(({ title, rows }) => ({ title, rows: rows.map(cellsOf) }));
  const widths = head.map((name, column) =>
    Math.max(name.length, ...cells.flatMap(({ rows }) => rows.map((row) => row[column]?.length ?? 0))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [
    `${report.machine}; ${report.runs === 1 ? "1 run" : `${report.runs} runs`} of each side in turn`,
    noiseLine(report.noise),
    ...(report.runs === 1 ? ["One run tells nothing of the noise of its figures."] : []),
    "",
    line(head),
    ...cells.flatMap(({ title, rows }) => [title, ...rows.map(line)]),
    "",
    "ratio: to the last line of its group, pair by pair. memory: peaks of all its processes, added up.",
    // See the engine: with them, every size of an object costs more.
    "All sides run without the logs that the Pulumi CLI keeps of its own accord.",
  ].join("\n");
}

function isText(column: number): boolean {
  return column === 0 || column === head.length - 1;
}

function noiseLine({ median, spread }: Report["noise"]): string {
  const text = `Noise of the machine: a fixed workload of ${seconds(median)} varied by ${percent(spread)}.`;
  return spread > quiet ? `${text} NOISY: trust no difference smaller than that; repeat on an idle machine.` : text;
}

function cellsOf({ what, summary, memory, ratio, verdict }: ReportRow): string[] {
  return [
    `  ${what}`,
    seconds(summary.median),
    `${number(summary.low)} … ${number(summary.high)}`,
    percent(summary.spread),
    memory === undefined ? "" : `${Math.round(memory)} MiB`,
    ...(ratio === undefined
      ? ["", ""]
      : [`${ratio.median.toFixed(2)}×`, `${ratio.low.toFixed(2)} … ${ratio.high.toFixed(2)}`]),
    remark(ratio, verdict),
  ];
}

function remark(ratio: Ratio | undefined, verdict: Verdict | undefined): string {
  const remarks: string[] = [];
  if (verdict !== undefined) {
    const near = verdict.near ? ", but within the noise" : "";
    remarks.push(`≤ ${verdict.atMost}× ${verdict.met ? "met" : "MISSED"}${near}`);
  }
  if (ratio?.indistinct === true) remarks.push("noise exceeds the difference");
  return remarks.join("; ");
}

function seconds(milliseconds: number): string {
  return `${number(milliseconds)} s`;
}

function number(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 9_995 ? 2 : 1);
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
