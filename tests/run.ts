/**
 * `npm test`: types, lint, format, unit tests, the toolchain, engine tests; then one closing line with the counts.
 * `npm run engine` runs the last two. `npm run test:node` runs what needs a real node or real servers, or puts a whole
 * platform through a situation. A failed step does not hide the ones after it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";

import { signal } from "../testbed/control-plane/processes.ts";
import { add, countsOf, countsOfExit, type Counts, failures, readReport, timings } from "./report.ts";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Steps without a report count as one test. */
  readonly report?: string;
}

const root = join(import.meta.dirname, "..");
const part = process.argv[2] ?? "test";
const reports = mkdtempSync(join(tmpdir(), "datalab-test-"));
/** Temporary folder of the tests: what interrupted ones leave in it goes with it. */
const temporary = join(reports, "tmp");
mkdirSync(temporary);
let running: ChildProcess | undefined;
let stopped = false;

const toolchain: Step = { name: "toolchain", command: ["node", "testbed/toolchain/install.ts"] };
const engine = [toolchain, jestStep("engine", "--maxWorkers=2")];

const parts: Readonly<Record<string, readonly Step[]>> = {
  test: [
    { name: "types", command: ["tsc", "--noEmit"] },
    { name: "lint", command: ["eslint", ".", "--max-warnings", "0"] },
    { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
    { name: "docs", command: ["node", "docs/generate.ts", "--check"] },
    // Left to itself, jest leaves one core out: on two, that is half of them.
    jestStep("unit", "--maxWorkers=100%"),
    ...engine,
  ],
  engine,
  "test:node": [toolchain, jestStep("node", "--maxWorkers=2")],
};

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    stopped = true;
    // The whole group: jest's workers would go on without jest, with all that their tests have started. A terminal and the
    // parent may both tell it; the second finds nobody.
    if (running?.pid !== undefined && running.exitCode === null) signal(-running.pid, name);
  });
}

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const steps = parts[part];
    if (steps === undefined) throw new Error(`usage: node tests/run.ts ${Object.keys(parts).join("|")}`);
    let total: Counts = { passed: 0, failed: 0, skipped: 0 };
    const times: string[] = [];
    const failed: string[] = [];
    for (const step of steps) {
      if (stopped) break;
      const { counts, seconds, told } = await run(step);
      total = add(total, counts);
      times.push(`${step.name}: ${seconds.toFixed(0)} s`, ...told.times);
      failed.push(...told.failures);
    }
    console.log(`\nWhere the time went:\n${times.join("\n")}`);
    if (failed.length > 0) console.log(`\nWhat failed:\n${failed.join("\n")}`);
    const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
    console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
    // What was skipped there proves nothing.
    const unproven = process.env["CI"] === undefined ? 0 : total.skipped;
    return total.failed === 0 && unproven === 0 && !stopped ? 0 : 1;
  } finally {
    // What ends at this moment may still remove its own files: rmSync would take that for the end of its work.
    await rm(reports, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

function jestStep(project: string, ...flags: string[]): Step {
  const report = join(reports, `${project}.json`);
  return {
    name: project,
    command: ["jest", "--selectProjects", project, "--json", "--outputFile", report, ...flags],
    report,
  };
}

interface Ran {
  readonly counts: Counts;
  readonly seconds: number;
  /** Lines of the last pages. */
  readonly told: { readonly times: readonly string[]; readonly failures: readonly string[] };
}

async function run(step: Step): Promise<Ran> {
  const start = performance.now();
  console.log(`\n== ${step.name}: ${step.command.join(" ").replaceAll(reports, "…")}`);
  const code = await exitCodeOf(step.command);
  const report = step.report === undefined ? undefined : readReport(step.report);
  const counts = step.report === undefined ? countsOfExit(code) : countsOf(report, code);
  const seconds = (performance.now() - start) / 1000;
  console.log(`== ${step.name}: ${counts.passed} passed, ${counts.failed} failed in ${seconds.toFixed(1)} s`);
  const named = report === undefined ? [] : failures(report);
  const nameless = counts.failed > 0 && named.length === 0 ? [`${step.name}: exit code ${code}, see above`] : [];
  const times = report === undefined ? [] : timings(report);
  return { counts, seconds, told: { times, failures: [...named, ...nameless] } };
}

function exitCodeOf(command: readonly string[]): Promise<number> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    // jest prints its JSON report to stdout as well: it belongs to the file alone.
    const stdout = program === "jest" ? "ignore" : "inherit";
    const child = spawn(program ?? "", args, {
      cwd: root,
      stdio: ["ignore", stdout, "inherit"],
      detached: true,
      env: {
        ...process.env,
        TMPDIR: temporary,
        PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
      },
    });
    running = child;
    child.on("error", (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on("close", (code) => {
      resolve(code ?? 1);
    });
  });
}
