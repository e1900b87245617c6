import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** One run of a Pulumi program, as the engine asks for it. */
export interface ProgramRun {
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly workingDirectory: string;
  readonly arguments: readonly string[];
  readonly monitorAddress: string;
  readonly engineAddress: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly config: Readonly<Record<string, string>>;
  readonly configSecretKeys: readonly string[];
}

/** How a run ended. `bailed`: the program has told the user already what was wrong. */
export type ProgramResult = { readonly bailed: true } | { readonly bailed: false; readonly error: string };

/** By this exit code @pulumi/pulumi says that it has reported its errors itself. */
const alreadyReported = 32;

/** Runs a program in a process of its own, by the Node that runs this. Its output goes where the engine reads it. */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramResult> {
  let entry: string;
  try {
    entry = createRequire(join(run.programDirectory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    return { bailed: false, error: `@pulumi/pulumi is not installed in ${run.programDirectory}; run \`npm ci\` there` };
  }
  const child = spawn(process.execPath, [entry, ...programArguments(run)], {
    cwd: run.workingDirectory,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(run.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
    },
  });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  try {
    return await new Promise((done) => {
      child.once("error", (error) => {
        done({ bailed: false, error: `the program could not be started: ${error.message}` });
      });
      child.once("exit", (code, reason) => {
        done(resultOf(code, reason));
      });
    });
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

function resultOf(code: number | null, reason: string | null): ProgramResult {
  if (code === 0) return { bailed: false, error: "" };
  if (code === alreadyReported) return { bailed: true };
  return {
    bailed: false,
    error:
      code === null ? `the program was ended by ${reason ?? "a signal"}` : `the program ended with exit code ${code}`,
  };
}

function programArguments(run: ProgramRun): string[] {
  const named = {
    monitor: run.monitorAddress,
    engine: run.engineAddress,
    organization: run.organization,
    project: run.project,
    stack: run.stack,
    pwd: run.workingDirectory,
    "root-directory": run.programDirectory,
    parallel: String(run.parallel),
  };
  const given = Object.entries(named).filter(([, value]) => value !== "");
  return [
    ...given.flatMap(([name, value]) => [`--${name}`, value]),
    ...(run.dryRun ? ["--dry-run"] : []),
    run.entryPoint,
    ...run.arguments,
  ];
}
