import { spawn } from "node:child_process";
import { ToolchainError } from "./errors.ts";

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const tailLength = 4_000;
const killDelay = 5_000;

/**
 * Runs a program and returns what it wrote to its standard output. When the signal aborts, the program and everything it has started are
 * ended before the promise rejects.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { signal } = options;
  signal.throwIfAborted();
  // In its own process group it can be ended together with its children.
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
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

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
