import { basename, join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import * as suite from "../mutation/suite.ts";
import { testFilesOf } from "../mutation/test-files.ts";

/** Runs what `define` defines, and tells what happened in order. */
async function run(define: (say: (what: string) => () => void) => void, only = /./, goOn = true): Promise<string[]> {
  const log: string[] = [];
  const say = (what: string) => () => void log.push(what);
  const tests = await suite.testsOf("a.test.ts", () => {
    define(say);
    return Promise.resolve();
  });
  await suite.runTests(
    tests.filter(({ id }) => only.test(id)),
    {
      starts: (ids) => log.push(`for ${ids.map((id) => id.replace("a.test.ts › ", "")).join(", ")}`),
      ends: (_, failure) => {
        log.push(failure ?? "passed");
        return goOn || failure === undefined;
      },
    },
  );
  return log;
}

function twoBlocks(say: (what: string) => () => void) {
  suite.describe("outer", () => {
    suite.beforeAll(say("prepare"));
    suite.beforeEach(say("before"));
    suite.afterEach(say("after"));
    suite.afterAll(say("clear"));
    suite.it("one", say("one"));
    suite.describe("inner", () => {
      suite.it("two", say("two"));
    });
  });
}

describe("the suite that mutants are tried with", () => {
  it("prepares a block once, for all of its tests, and clears it in the end", async () => {
    expect(await run(twoBlocks)).toEqual([
      "for outer › one, outer › inner › two",
      "for outer › one, outer › inner › two",
      "prepare",
      "for outer › one",
      "before",
      "one",
      "after",
      "passed",
      "for outer › inner › two",
      "for outer › inner › two",
      "before",
      "two",
      "after",
      "passed",
      "clear",
    ]);
  });

  it("runs some tests alone, and prepares for them what they need", async () => {
    const log = await run(twoBlocks, /two/);
    expect(log.filter((line) => !line.startsWith("for "))).toEqual([
      "prepare",
      "before",
      "two",
      "after",
      "passed",
      "clear",
    ]);
  });

  it("fails a test that throws, rejects, takes too long or cannot be prepared, and stops where that is wanted", async () => {
    const failing = () => {
      suite.it("throws", () => {
        throw new Error("thrown");
      });
      suite.it("rejects", () => Promise.reject(new Error("rejected")));
      suite.it("hangs", () => new Promise(() => undefined), 10);
      suite.describe("block", () => {
        suite.beforeAll(() => {
          throw new Error("unprepared");
        });
        suite.it("waits", () => undefined);
      });
    };
    const failures = async (goOn: boolean) => (await run(failing, /./, goOn)).filter((line) => !line.startsWith("for"));
    expect(await failures(true)).toEqual(["thrown", "rejected", "not done after 10 ms", "unprepared"]);
    expect(await failures(false)).toEqual(["thrown"]);
  });

  it("gives rows of a table to tests of different names, and can run them again", async () => {
    const rows: unknown[] = [];
    const tests = await suite.testsOf("a.test.ts", () => {
      suite.it.each([[1, 2], 3])("takes %s", (...row: never[]) => void rows.push(row));
      return Promise.resolve();
    });
    expect(tests.map(({ id }) => id)).toEqual(["a.test.ts › takes %s", "a.test.ts › takes %s #2"]);
    const watcher: suite.Watcher = { starts: () => undefined, ends: () => true };
    await suite.runTests(tests, watcher);
    await suite.runTests(tests, watcher);
    expect(rows).toEqual([[1, 2], [3], [1, 2], [3]]);
  });
});

describe("the tests of a file", () => {
  const folder = join(import.meta.dirname, "../..");
  const testsOf = (file: string) => testFilesOf(folder, join(folder, file)).map((test) => basename(test));

  it("are those of its concept and the whole platform, whatever texts with code other tests hold", () => {
    expect(testsOf("components/dns/records.ts")).toEqual(["route53-records.test.ts", "project.test.ts"]);
    expect(testsOf("stacks/plan.ts")).toContain("plan.test.ts");
  });
});
