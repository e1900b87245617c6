/** `npm run take-back`: brings a stack whose state was lost to its passwords again. */
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

import { KubectlError } from "../../checks/kubectl/kubectl.ts";
import { PlatformError } from "../../components/errors.ts";
import { SettingsError } from "../../stacks/settings/problems.ts";
import { parseOptions, UsageError } from "../doctor/options.ts";
import { PulumiError } from "../stack-file/pulumi.ts";
import { takeBack, type TakenBack } from "./take-back.ts";
import { textOfEntry } from "./state.ts";

const usage = `npm run take-back -- -s <stack> [options]      takes a stack back whose state was lost: docs/take-back.md

  -s, --stack <stack>     stack; its settings are read from Pulumi.<stack>.yaml
  --config-file <file>    another stack file
  --yes                   write the stack's state; without it, nothing is changed
  --help                  print this

Exit code: 0 the stack was or can be taken back, 1 it cannot, 2 wrong options or stack file.`;

const known = {
  stack: { type: "string", short: "s" },
  "config-file": { type: "string" },
  yes: { type: "boolean" },
  help: { type: "boolean" },
} as const;

const place = { project: join(import.meta.dirname, "..", ".."), environment: process.env };

async function main(args: string[]): Promise<number> {
  const { help, yes } = parseArgs({ args, options: known, allowPositionals: false }).values;
  const options =
    help === true
      ? "help"
      : parseOptions(
          args.filter((arg) => arg !== "--yes"),
          place.project,
        );
  if (options === "help") process.stdout.write(`${usage}\n`);
  else process.stdout.write(`${textOf(await takeBack(options, place, yes === true))}\n`);
  return 0;
}

function textOf({ stack, taken, renewed, written }: TakenBack): string {
  const width = Math.max(...[...taken, ...renewed].map(({ resource }) => resource.length));
  const lines = (values: typeof taken) =>
    values.map(({ resource, entry }) => `  ${resource.padEnd(width)}  ${textOfEntry(entry)}`);
  return [
    written
      ? `In the state of stack ${stack} are now, from these Secrets:`
      : `The state of stack ${stack} would get, from these Secrets:`,
    ...lines(taken),
    ...(renewed.length === 0 ? [] : ["No Secret holds these; the next `up` makes new ones:", ...lines(renewed)]),
    "",
    written
      ? `Now: pulumi up --stack ${stack}\nIt says of the cluster's objects that it creates them, and takes back those that are there.`
      : `Nothing was changed. To write it: npm run take-back -- -s ${stack} --yes`,
  ].join("\n");
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const wrong =
    error instanceof UsageError ||
    error instanceof SettingsError ||
    (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") === true;
  const expected = [PlatformError, PulumiError, KubectlError].some((kind) => error instanceof kind);
  if (!wrong && !expected) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = wrong ? 2 : 1;
}
