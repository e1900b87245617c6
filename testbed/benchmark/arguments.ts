/** What `npm run bench` is asked to do. */
export interface Arguments {
  /** How often each side of a comparison runs. */
  readonly runs: number;
  readonly json: boolean;
  readonly help: boolean;
}

const defaultRuns = 3;
const mostRuns = 50;

export const usage = `npm run bench                    compares the platform with the least that could do the same, on this machine
npm run bench -- --runs <n>      runs each side <n> times, 1 to ${mostRuns} (default ${defaultRuns})
npm run bench -- --json          prints the figures for programs; \`npm run --silent\` keeps npm's own lines out`;

/** Its message says what was not understood, and what would be. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(problem: string) {
    super(`npm run bench ${problem}.\n\n${usage}`);
  }
}

/** @throws UsageError for anything that is not understood. */
export function parseArguments(args: readonly string[]): Arguments {
  let given: Arguments = { runs: defaultRuns, json: false, help: false };
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument === "--json") given = { ...given, json: true };
    else if (argument === "--help") given = { ...given, help: true };
    else if (argument === "--runs") given = { ...given, runs: count(args[++index]) };
    else if (argument?.startsWith("--runs=") === true)
      given = { ...given, runs: count(argument.slice("--runs=".length)) };
    else throw new UsageError(`does not know ${argument ?? ""}`);
  }
  return given;
}

function count(text: string | undefined): number {
  const runs = /^\d+$/.test(text ?? "") ? Number(text) : 0;
  if (runs < 1 || runs > mostRuns) throw new UsageError(`wants a number from 1 to ${mostRuns} after --runs`);
  return runs;
}
