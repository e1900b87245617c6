/** The command line of `npm run digest`. */
import { readCommandLine } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";
import { type Rule, ruleMeanings, rules } from "./rules.ts";

export interface Arguments {
  readonly stack: string;
  /** A git ref; the stack's state when absent. */
  readonly against: string | undefined;
  /** The stack file; that of the project when absent. */
  readonly configFile: string | undefined;
  readonly json: boolean;
  /** Where the HTML page goes. */
  readonly html: string | undefined;
  readonly failOn: readonly Rule[];
}

/** How the command ends. */
export const exitCodes = { fine: 0, failed: 1, notUnderstood: 2, refused: 3 } as const;

export const usage = `npm run digest -- -s <stack> [options]      tells a reviewer what a change does, and changes nothing

  -s, --stack <stack>      the stack
      --against <git ref>  compares with the program and the stack file of that commit; neither the stack nor its
                           cluster need exist. Without it: with what is deployed
      --config-file <file> another stack file than Pulumi.<stack>.yaml
      --html <file>        writes the whole digest there as one HTML page
      --json               prints JSON instead of Markdown
      --fail-on <rules>    refuses: a list with commas of
${rules.map((rule) => `                             ${rule.padEnd(9)} ${ruleMeanings[rule]}`).join("\n")}
  -h, --help

Exit code: 0 told, 1 a preview failed, 2 this was not understood, 3 told, and a rule of --fail-on is broken.`;

/**
 * Reads the command line.
 *
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function parseArguments(args: readonly string[]): Arguments | undefined {
  const { text, has, problems } = readCommandLine(args, known);
  if (has("help")) return undefined;
  const stack = text("stack");
  if (stack === undefined) problems.push("which stack? --stack is missing");
  const names = (text("fail-on") ?? "").split(",").filter((name) => name !== "");
  const failOn = names.flatMap((name) => {
    const found = rules.filter((rule) => rule === name.trim());
    if (found.length === 0) problems.push(`--fail-on: there is no rule ${name}, there are ${rules.join(", ")}`);
    return found;
  });
  if (stack === undefined || problems.length > 0) throw new UsageError(problems);
  return {
    stack,
    against: text("against"),
    configFile: text("config-file"),
    json: has("json"),
    html: text("html"),
    failOn,
  };
}

const known = {
  stack: { type: "string", short: "s" },
  against: { type: "string" },
  "config-file": { type: "string" },
  html: { type: "string" },
  json: { type: "boolean" },
  "fail-on": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;
