import { expect, it } from "@jest/globals";

import { timings } from "../timings.ts";

it("the slow files come first, each with its slow tests", () => {
  const file = (name: string, seconds: number, ...tests: readonly (number | null)[]) => ({
    name: `/somewhere/tests/${name}.test.ts`,
    startTime: 1000,
    endTime: 1000 + seconds * 1000,
    assertionResults: tests.map((duration, index) => ({
      fullName: `${name} ${index}`,
      duration: duration && duration * 1000,
    })),
  });
  expect(
    timings({ testResults: [file("quick", 19, 19), file("slow", 20, null), file("walk", 1234, 29, 31.4, 45)] }),
  ).toEqual(["  1234 s  walk.test.ts", "      45 s  walk 2", "      31 s  walk 1", "    20 s  slow.test.ts"]);
});
