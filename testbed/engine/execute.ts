import { spawn } from "node:child_process";
import { join } from "node:path";

/** How a run of the CLI ended. */
export interface Execution {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs the CLI. On a terminal the CLI is in the foreground and gets the user's Ctrl-C itself; otherwise it ends when
 * we do, or when the signal is given.
 */
export function execute(
  cli: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: boolean,
  signal?: AbortSignal,
): Promise<Execution> {
  signal?.throwIfAborted();
  const guard = join(import.meta.dirname, "guard.ts");
  const child = terminal
    ? spawn(cli, args, { env, stdio: "inherit" })
    : spawn(process.execPath, [guard, cli, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  const ignore = () => undefined;
  if (terminal) process.on("SIGINT", ignore);
  // The guard takes that for our end.
  const end = () => child.stdin?.end();
  signal?.addEventListener("abort", end);
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise<Execution>((done, fail) => {
    child.once("error", fail).once("close", (code) => {
      done({ exitCode: code ?? 1, output, errors });
    });
  }).finally(() => {
    process.off("SIGINT", ignore);
    signal?.removeEventListener("abort", end);
  });
}
