/** Runs the user's own Pulumi CLI, with the user's own environment. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/** The CLI could not do what was asked for; the message is its own. */
export class PulumiError extends Error {}

export interface Pulumi {
  /** Runs a command in the project's folder. @throws PulumiError where it fails */
  run(args: readonly string[], input?: string): Promise<string>;
  /** The same, for a command that may fail. */
  attempt(
    args: readonly string[],
  ): Promise<{ readonly exitCode: number; readonly output: string; readonly errors: string }>;
}

export interface PulumiOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Longest time of one command, in seconds. @default no limit */
  readonly timeout?: number;
}

/**
 * @param project folder of Pulumi.yaml
 * @throws PulumiError where there is no CLI
 */
export function pulumiIn(project: string, { environment, timeout }: PulumiOptions): Pulumi {
  const cli = findCli(project, environment["PATH"] ?? "");
  const attempt = (args: readonly string[], input = "") =>
    execute(cli, [...args, "--cwd", project], { input, environment, timeout });
  return {
    attempt,
    run: async (args, input) => {
      const { exitCode, output, errors } = await attempt(args, input);
      if (exitCode !== 0) throw new PulumiError(errors.trim() || output.trim() || `pulumi: exit code ${exitCode}`);
      return output;
    },
  };
}

/** npm puts the project's own `pulumi` first, which downloads a CLI: the user's comes before it. */
function findCli(project: string, path: string): string {
  const own = join(project, "node_modules/.bin");
  const folders = path.split(delimiter).filter((folder) => folder !== "" && folder !== own);
  const found = [...folders, own].map((folder) => join(folder, "pulumi")).find(isProgram);
  if (found === undefined)
    throw new PulumiError("The Pulumi CLI is not installed: https://www.pulumi.com/docs/install");
  return found;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Execution {
  readonly input: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly timeout: number | undefined;
}

function execute(cli: string, args: readonly string[], { input, environment, timeout }: Execution) {
  const child = spawn(cli, args, {
    stdio: ["pipe", "pipe", "pipe"],
    // The event log is one of the CLI's options for its own developers.
    env: { ...environment, PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdin.on("error", () => undefined).end(input);
  // A preview that is interrupted ends by itself; what it was given must be cleaned up afterwards.
  const forward = (signal: NodeJS.Signals) => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise<{ exitCode: number; output: string; errors: string }>((done, fail) => {
    const limit =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            child.kill("SIGKILL");
            // What it has started may hold them open.
            for (const stream of [child.stdout, child.stderr]) stream.destroy();
            fail(new PulumiError(`\`pulumi ${args[0] ?? ""}\` did not end within ${timeout} s`));
          }, timeout * 1000);
    child.once("error", fail).once("close", (code) => {
      clearTimeout(limit);
      done({ exitCode: code ?? 1, output, errors });
    });
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}
