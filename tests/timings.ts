/** Where the time of `npm test` went. */

/** jest's report of a project. */
export interface TimedReport {
  readonly testResults: readonly {
    /** Path of the file. */
    readonly name: string;
    /** Milliseconds since 1970. */
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly {
      readonly fullName: string;
      /** Milliseconds; absent for what was skipped. */
      readonly duration?: number | null;
    }[];
  }[];
}

/** Files and tests that took at least this many seconds are named. */
const noticed = { file: 20, test: 30 };

/** Lines of a table: the slow files, each with its slow tests, the slowest first. */
export function timings({ testResults }: TimedReport): string[] {
  return testResults
    .map(({ name, startTime, endTime, assertionResults }) => ({
      file: name.slice(name.lastIndexOf("/") + 1),
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
