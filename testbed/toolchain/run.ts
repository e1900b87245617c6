import { spawn, spawnSync } from "node:child_process";
import { ToolchainError } from "./errors.ts";
import { findProgram } from "./search-path.ts";

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a program is started through on Linux, so that it ends with this process even if that is killed. */
const tie = ["--pdeathsig", "KILL"];
let tieWorks: boolean | undefined;

const tailLength = 4_000;
const killDelay = 5_000;

/**
 * Runs a program and returns what it wrote to its standard output. When the signal aborts, the program and everything it has started are
 * ended before the promise rejects.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { signal } = options;
  signal.throwIfAborted();
  const env = options.env ?? process.env;
  const [program, ...all] = tied([command, ...args], env);
  // In its own process group it can be ended together with its children.
  const child = spawn(program, all, {
    cwd: options.cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  let tail = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-tailLength);
  });

  let killTimer: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup(child.pid, "SIGTERM");
    killTimer = setTimeout(() => {
      killGroup(child.pid, "SIGKILL");
    }, killDelay);
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    signal.throwIfAborted();
    if (code !== 0)
      throw new ToolchainError(`${[command, ...args].join(" ")} failed (${String(code)}):\n${tail.trim()}`);
    return output.join("");
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener("abort", end);
  }
}

/** The command as it is where the machine has no way to tie it, or lacks its program: that is told as ever. */
function tied(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv): readonly [string, ...string[]] {
  const setpriv = process.platform === "linux" ? findProgram("setpriv", env) : undefined;
  if (setpriv === undefined || findProgram(command[0], env) === undefined) return command;
  // The one of busybox knows no such option.
  tieWorks ??= spawnSync(setpriv, [...tie, "true"]).status === 0;
  return tieWorks ? [setpriv, ...tie, ...command] : command;
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
