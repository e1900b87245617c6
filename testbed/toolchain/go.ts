import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { errorCode, ToolchainError } from "./errors.ts";
import { describe, type Step } from "./plan.ts";
import { downloadHosts } from "./reachable.ts";
import { run, type RunOptions } from "./run.ts";

/** The environment of every call of the go client: what it yields depends on nothing that the user may have set for other projects. */
export function goEnvironment(scratch: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CGO_ENABLED: "0",
    GOTOOLCHAIN: "local",
    GOFLAGS: "",
    GOWORK: "off",
    GO111MODULE: "on",
    GOOS: "",
    GOARCH: "",
    // What an ended build leaves is cleared with the folder.
    GOTMPDIR: scratch,
    // A compiler ends before its garbage is worth collecting: a tenth of the time. One runs on each core, and all of them
    // together, with the linker, stay within the memory.
    GOGC: "off",
    GOMEMLIMIT: `${Math.floor(totalmem() / (availableParallelism() + 1))}B`,
  };
}

/** Fails, before anything is built, when the go client is missing or older than the modules ask. */
export async function requireGo(steps: readonly Step[], goFolder: string, options: RunOptions): Promise<void> {
  const groups = new Set(steps.map(({ recipe }) => recipe.group));
  const wanted =
    [...groups]
      .map((group) => requiredGo(goFolder, group))
      .sort(compareVersions)
      .at(-1) ?? "0";
  const found = await goVersion(options);
  if (found !== undefined && compareVersions(found, wanted) >= 0) return;

  const missing = steps.map(({ recipe }) => describe(recipe)).join(", ");
  const sourceOnly = steps.filter(({ recipe }) => recipe.download === undefined).map(({ recipe }) => recipe.name);
  throw new ToolchainError(
    [
      `These tools have to be built: ${missing}.`,
      found === undefined
        ? `The go client that builds them is missing.`
        : `The go client is ${found}, but they need ${wanted} or newer.`,
      "Two ways out:",
      `  1. install Go ${wanted} or newer (https://go.dev/doc/install): only its module registry is used then;`,
      `  2. let this machine reach ${downloadHosts.join(", ")}: ready-made programs are downloaded then` +
        (sourceOnly.length === 0
          ? "."
          : `\n     (except for ${sourceOnly.join(", ")}, which nobody publishes: they need Go).`),
    ].join("\n"),
  );
}

function requiredGo(goFolder: string, group: string): string {
  return /^go (\S+)$/m.exec(readFileSync(join(goFolder, group, "go.mod"), "utf8"))?.[1] ?? "0";
}

/** Undefined if there is no go client. */
async function goVersion(options: RunOptions): Promise<string | undefined> {
  try {
    const text = await run("go", ["env", "GOVERSION"], options);
    return /go(\d[\d.]*)/.exec(text)?.[1];
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Negative if the dotted version `a` is lower than `b`. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
