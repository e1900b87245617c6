/** What jest's report of a project says: counts, what failed, and where the time went. */
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** The part of jest's JSON report that is read here. */
export interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly success: boolean;
  readonly testResults: readonly FileReport[];
}

/** One test file. */
export interface FileReport {
  /** Path of the file. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly endTime: number;
  /** Of a file that could not be run: why. */
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status?: string;
    /** Milliseconds; absent for what was skipped. */
    readonly duration?: number | null;
    readonly failureMessages?: readonly string[] | null;
  }[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** A step without a report counts as one test. */
export function countsOfExit(code: number): Counts {
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** `undefined` where jest ended before it wrote one. */
export function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

export function countsOf(report: Report | undefined, code: number): Counts {
  if (report === undefined) return countsOfExit(code === 0 ? 1 : code);
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    // jest may fail for another reason than a test, for example because it found none.
    failed: failed === 0 && (code !== 0 || !report.success) ? 1 : failed,
    skipped: report.numPendingTests,
  };
}

/** The first lines of a message hold what was expected and what came. */
const linesOfMessage = 12;

/** Each failed test with the first lines of what it said, no line empty: shown at the end, where a long log is read. */
export function failures({ testResults }: Pick<Report, "testResults">): string[] {
  return testResults.flatMap((file) => {
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    if (failed.length > 0) {
      return failed.flatMap(({ fullName, failureMessages }) =>
        failure(file, fullName, failureMessages?.join("\n") ?? ""),
      );
    }
    const ran = file.assertionResults.length > 0;
    return ran || !file.message ? [] : failure(file, "could not be run", file.message);
  });
}

function failure({ name }: FileReport, what: string, message: string): string[] {
  const said = stripVTControlCharacters(message)
    .split("\n")
    .filter((line) => line.trim() !== "");
  return [`${fileName(name)}: ${what}`, ...said.slice(0, linesOfMessage).map((line) => `  ${line}`)];
}

/** Files and tests that took at least this many seconds are named. */
const noticed = { file: 20, test: 30 };

/** Lines of a table: the slow files, each with its slow tests, the slowest first. */
export function timings({ testResults }: Pick<Report, "testResults">): string[] {
  return testResults
    .map(({ name, startTime, endTime, assertionResults }) => ({
      file: fileName(name),
      seconds: (endTime - startTime) / 1000,
      tests: assertionResults
        .map(({ fullName, duration }) => ({ fullName, seconds: (duration ?? 0) / 1000 }))
        .filter(({ seconds }) => seconds >= noticed.test)
        .toSorted((a, b) => b.seconds - a.seconds),
    }))
    .filter(({ seconds }) => seconds >= noticed.file)
    .toSorted((a, b) => b.seconds - a.seconds)
    .flatMap(({ file, seconds, tests }) => [
      line(seconds, file),
      ...tests.map((test) => `  ${line(test.seconds, test.fullName)}`),
    ]);
}

function line(seconds: number, what: string): string {
  return `${seconds.toFixed(0).padStart(6)} s  ${what}`;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
