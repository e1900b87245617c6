/**
 * Test runner of StrykerJS. Its own for jest starts jest for each mutant, which loads Pulumi's SDK each time, for
 * seconds; here everything stays in memory and a mutant costs what its tests cost. See docs/mutation.md.
 */
import { relative } from "node:path";
import process from "node:process";

import { type MutantCoverage } from "@stryker-mutator/api/core";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached,
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";

import { Modules } from "./modules.ts";
import { runTests, type Test, testsOf, type Watcher } from "./suite.ts";
import { board, noteFor } from "./switchboard.ts";
import { testFilesOf } from "./test-files.ts";

class InProcessRunner implements TestRunner {
  readonly #folder = process.cwd();
  readonly #modules = new Modules(this.#folder);
  readonly #loaded = new Map<string, readonly Test[]>();
  #stray: string | undefined;

  constructor() {
    // A promise that nobody waits for any more fails the test that runs, as in jest, not the process.
    const note = (reason: unknown) => {
      this.#stray = String(reason);
    };
    process.on("unhandledRejection", note);
    process.on("uncaughtException", note);
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun({ files = [] }: DryRunOptions): Promise<DryRunResult> {
    const wanted = new Set(files.flatMap((file) => testFilesOf(this.#folder, file)));
    const coverage: MutantCoverage = { static: {}, perTest: {} };
    board.mutantCoverage = coverage;
    this.#startOver();
    const result = await this.#run(await this.#testsIn([...wanted]), true);
    return { status: DryRunStatus.Complete, tests: result, mutantCoverage: coverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit, sandboxFileName, reloadEnvironment, mutantActivation } = options;
    board.activeMutant = undefined;
    board.hitLimit = hitLimit;
    board.hitCount = hitLimit === undefined ? undefined : 0;
    if (reloadEnvironment) this.#startOver();
    if (mutantActivation === "static") board.activeMutant = activeMutant.id;
    const tests: TestResult[] = [];
    try {
      // File by file: what fails in the first one needs none of the others.
      for (const file of testFilesOf(this.#folder, sandboxFileName)) {
        const chosen = await this.#testsIn([file], testFilter);
        board.activeMutant = activeMutant.id;
        tests.push(...(await this.#run(chosen, false)));
        if (tests.some(({ status }) => status === TestStatus.Failed)) break;
        if (mutantActivation === "runtime") board.activeMutant = undefined;
      }
    } catch (error) {
      // A file that cannot be loaded any more fails all of its tests.
      const failureMessage = error instanceof Error ? error.message : String(error);
      tests.push({ id: "loading", name: "loading", timeSpentMs: 0, status: TestStatus.Failed, failureMessage });
    } finally {
      board.activeMutant = undefined;
    }
    // The next mutant must not meet files that were loaded with this one.
    if (mutantActivation === "static") this.#startOver();
    const limit = determineHitLimitReached(board.hitCount, hitLimit);
    return toMutantRunResult(limit ?? { status: DryRunStatus.Complete, tests }, false);
  }

  #startOver(): void {
    this.#modules.startOver();
    this.#loaded.clear();
  }

  async #testsIn(files: readonly string[], only?: readonly string[]): Promise<Test[]> {
    const filter = only === undefined ? undefined : new Set(only);
    const tests: Test[] = [];
    for (const file of files) {
      const name = relative(this.#folder, file);
      if (only?.every((id) => !id.startsWith(`${name} `)) === true) continue;
      const all = this.#loaded.get(file) ?? (await testsOf(name, () => this.#modules.load(file)));
      this.#loaded.set(file, all);
      tests.push(...all.filter(({ id }) => filter?.has(id) ?? true));
    }
    return tests;
  }

  async #run(tests: readonly Test[], all: boolean): Promise<TestResult[]> {
    const results: TestResult[] = [];
    const watcher: Watcher = {
      starts: (ids) => {
        this.#stray = undefined;
        noteFor(ids);
      },
      ends: (test, failure, timeSpentMs) => {
        const failureMessage = failure ?? this.#stray;
        const { id, position: startPosition } = test;
        const [fileName = ""] = id.split(" › ");
        const known = { id, name: id, timeSpentMs, startPosition, fileName: `${this.#folder}/${fileName}` };
        results.push(
          failureMessage === undefined
            ? { ...known, status: TestStatus.Success }
            : { ...known, status: TestStatus.Failed, failureMessage },
        );
        return all || failureMessage === undefined;
      },
    };
    await runTests(tests, watcher);
    noteFor([]);
    return results;
  }
}

const factory = () => new InProcessRunner();
factory.inject = [] as const;

/** What StrykerJS looks for. */
export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "in-process", factory)];
