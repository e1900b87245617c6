/** What `npm run demo` is asked to do. */
export type Command = "up" | "real" | "stop" | "status" | "environment" | "help";

const commands: Readonly<Record<string, Command>> = {
  "--real": "real",
  "--stop": "stop",
  "--status": "status",
  "--env": "environment",
  "--help": "help",
};

export const usage = `npm run demo                 starts a Kubernetes control plane on this machine and installs stack dev on it
npm run demo -- --real       the same on a real node, where everything runs (Linux, as root)
npm run demo -- --status     says what is running
npm run demo -- --env        prints what a shell needs for kubectl and pulumi:  eval "$(npm run --silent demo -- --env)"
npm run demo -- --stop       ends it and removes what it has stored`;

/** Its message says what was not understood, and what would be. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(problem: string) {
    super(`npm run demo ${problem}.\n\n${usage}`);
  }
}

/** @throws UsageError for anything that is not understood. */
export function parseArguments(args: readonly string[]): Command {
  const [first, ...others] = args;
  if (first === undefined) return "up";
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (command === undefined) throw new UsageError(`does not know ${first}`);
  if (others.length > 0) throw new UsageError(`takes one option at a time, not also ${others.join(" ")}`);
  return command;
}
