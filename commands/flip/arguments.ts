/** The command line of `npm run flip`. */
import type { Path } from "../../stacks/settings/cures.ts";
import { parsePath, typedValue } from "./property-path.ts";
import { readCommandLine } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";

/** One setting that the switch sets. */
export interface Change {
  readonly path: Path;
  readonly value: string | number | boolean;
  /** Never printed, and encrypted in the copy of the stack file. */
  readonly secret: boolean;
}

export interface Arguments {
  readonly stack: string;
  /** The stack file; that of the project when absent. */
  readonly configFile: string | undefined;
  readonly changes: readonly Change[];
  /** Settings that the switch takes away. */
  readonly removals: readonly Path[];
  readonly json: boolean;
}

export const usage = `usage: npm run flip -- --stack <stack> [options] <setting>=<value> …

Shows what a change of settings would do to a stack. Nothing is written: no stack file, no state, no cluster.
Settings are named as for \`pulumi config set --path\`, without \`datalab:\`, for example cluster.kind=eks.

  -s, --stack <stack>            the stack
      --secret <setting>=<value> sets a credential; it is never shown
      --remove <setting>         takes a setting away
      --config-file <file>       another stack file than Pulumi.<stack>.yaml
      --json                     prints the report as JSON
  -h, --help

Exit code: 0 the preview worked, 1 settings are refused or the preview failed, 2 this was not understood.`;

/**
 * Reads the command line.
 *
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function parseArguments(args: readonly string[]): Arguments | undefined {
  const { text, all, has, positionals, problems } = readCommandLine(args, known, { positionals: true });
  if (has("help")) return undefined;
  const stack = text("stack");
  if (stack === undefined) problems.push("which stack? --stack is missing");
  const understood = <T>(read: () => T): T[] => {
    try {
      return [read()];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  };
  const changes = [
    ...positionals.flatMap((one) => understood(() => change(one, false))),
    ...all("secret").flatMap((one) => understood(() => change(one, true))),
  ];
  const removals = all("remove").flatMap((one) => understood(() => parsePath(one)));
  if (changes.length + removals.length === 0 && problems.length === 0) problems.push("no setting is changed");
  if (stack === undefined || problems.length > 0) throw new UsageError(problems);
  return { stack, configFile: text("config-file"), changes, removals, json: has("json") };
}

const known = {
  stack: { type: "string", short: "s" },
  secret: { type: "string", multiple: true },
  remove: { type: "string", multiple: true },
  "config-file": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function change(text: string, secret: boolean): Change {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`${secret ? "--secret" : text} needs <setting>=<value>`);
  const value = text.slice(equals + 1);
  return { path: parsePath(text.slice(0, equals)), value: secret ? value : typedValue(value), secret };
}
