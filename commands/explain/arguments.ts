/** The command line of `npm run explain`. */
import { readCommandLine } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";

export interface Arguments {
  readonly stack: string;
  /** The stack file; that of the project when absent. */
  readonly configFile: string | undefined;
  /** A resource, a host or a setting. */
  readonly word: string;
  readonly json: boolean;
  /** Whether the picture alone is printed. */
  readonly graph: boolean;
}

/** How the command ends. */
export const exitCodes = { fine: 0, failed: 1, notUnderstood: 2 } as const;

export const usage = `npm run explain -- <resource | host | setting> -s <stack> [options]      changes nothing, needs no cluster

  -s, --stack <stack>      the stack
      --config-file <file> another stack file than Pulumi.<stack>.yaml
      --graph              prints the picture of what it waits for and what waits for it (Mermaid)
      --json               prints JSON
  -h, --help

A resource is named as in a preview, by kind and name (Deployment/traefik), or as a part (keycloak). Settings are named as
for \`pulumi config set --path\`; \`datalab:\` in front says that a setting is meant.

Exit code: 0 told, 1 the settings are refused, or the charts cannot be had, 2 this was not understood.`;

/**
 * Reads the command line.
 *
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function parseArguments(args: readonly string[]): Arguments | undefined {
  const { text, has, positionals, problems } = readCommandLine(args, known, { positionals: true });
  if (has("help")) return undefined;
  const [word, ...others] = positionals;
  const stack = text("stack");
  if (stack === undefined) problems.push("which stack? --stack is missing");
  if (word === undefined) problems.push("what is to be explained? A resource, a host or a setting is missing");
  if (others.length > 0) problems.push(`one thing at a time: ${positionals.join(", ")}`);
  if (stack === undefined || word === undefined || problems.length > 0) throw new UsageError(problems);
  return { stack, configFile: text("config-file"), word, json: has("json"), graph: has("graph") };
}

const known = {
  stack: { type: "string", short: "s" },
  "config-file": { type: "string" },
  graph: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
