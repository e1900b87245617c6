/** The command line of `npm run flip`. */
import { parseArgs } from "node:util";

import type { Path } from "../../stacks/settings/cures.ts";
import { parsePath, typedValue } from "./property-path.ts";
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
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  if (values.stack === undefined) throw new UsageError("which stack? --stack is missing");
  const changes = [
    ...positionals.map((text) => change(text, false)),
    ...(values.secret ?? []).map((text) => change(text, true)),
  ];
  const removals = (values.remove ?? []).map(parsePath);
  if (changes.length + removals.length === 0) throw new UsageError("no setting is changed");
  return { stack: values.stack, configFile: values["config-file"], changes, removals, json: values.json === true };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        stack: { type: "string", short: "s" },
        secret: { type: "string", multiple: true },
        remove: { type: "string", multiple: true },
        "config-file": { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function change(text: string, secret: boolean): Change {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`${secret ? "--secret" : text} needs <setting>=<value>`);
  const value = text.slice(equals + 1);
  return { path: parsePath(text.slice(0, equals)), value: secret ? value : typedValue(value), secret };
}
