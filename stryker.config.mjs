// Mutation tests of components/ and stacks/, see docs/mutation.md. Not part of the tests of every change.
import { homedir } from "node:os";
import { join } from "node:path";

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "datalab", "mutation");

export default {
  mutate: ["components/**/*.ts", "stacks/**/*.ts"],
  testRunner: "in-process",
  plugins: ["runner.ts", "ignored.ts"].map((file) => join(import.meta.dirname, "tests", "mutation", file)),
  ignorers: ["component-records"],
  coverageAnalysis: "perTest",
  // Descriptions and sentences are strings; wrong ones among the others show as wrong values elsewhere.
  mutator: { excludedMutations: ["StringLiteral"] },
  concurrency: 1,
  timeoutMS: 20_000,
  incremental: true,
  incrementalFile: join(cache, "incremental.json"),
  tempDirName: join(cache, "sandbox"),
  reporters: ["clear-text", "html", process.stdout.isTTY ? "progress" : "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: join(cache, "report.html") },
  disableTypeChecks: false,
};
