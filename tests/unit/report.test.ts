import { expect, it } from "@jest/globals";

import { countsOf, failures, type FileReport, type Report, timings } from "../report.ts";

function file(name: string, seconds: number, assertionResults: FileReport["assertionResults"]): FileReport {
  return {
    name: `/somewhere/tests/${name}.test.ts`,
    startTime: 1000,
    endTime: 1000 + seconds * 1000,
    assertionResults,
  };
}

it("the slow files come first, each with its slow tests", () => {
  const timed = (name: string, seconds: number, ...tests: readonly (number | null)[]) =>
    file(
      name,
      seconds,
      tests.map((duration, index) => ({ fullName: `${name} ${index}`, duration: duration && duration * 1000 })),
    );
  expect(
    timings({ testResults: [timed("quick", 19, 19), timed("slow", 20, null), timed("walk", 1234, 29, 31.4, 45)] }),
  ).toEqual(["  1234 s  walk.test.ts", "      45 s  walk 2", "      31 s  walk 1", "    20 s  slow.test.ts"]);
});

it("what failed is told with the first lines of its message, without colours and empty lines", () => {
  const long = Array.from({ length: 40 }, (_, index) => `at ${index}`).join("\n");
  const told = failures({
    testResults: [
      file("walk", 1, [
        { fullName: "walk passes", status: "passed", failureMessages: [] },
        { fullName: "walk fails", status: "failed", failureMessages: [`\u001b[31mExpected\u001b[39m\n\n${long}`] },
      ]),
      { ...file("broken", 1, []), message: "Cannot find module\n\n  at here" },
      { ...file("quiet", 1, [{ fullName: "quiet passes", status: "passed" }]), message: "" },
    ],
  });
  expect(told.slice(0, 3)).toEqual(["walk.test.ts: walk fails", "  Expected", "  at 0"]);
  expect(told).toHaveLength(1 + 12 + 3);
  expect(told.slice(-3)).toEqual(["broken.test.ts: could not be run", "  Cannot find module", "    at here"]);
});

it("a file that could not be run, a missing report and a red exit code count as failed", () => {
  const report: Report = {
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 2,
    numRuntimeErrorTestSuites: 1,
    success: false,
    testResults: [],
  };
  expect(countsOf(report, 1)).toEqual({ passed: 5, failed: 2, skipped: 2 });
  const green = { ...report, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  expect(countsOf({ ...green, success: true }, 0).failed).toBe(0);
  expect(countsOf({ ...green, success: true }, 1).failed).toBe(1);
  expect(countsOf(green, 0).failed).toBe(1);
  expect(countsOf(undefined, 0).failed).toBe(1);
});
