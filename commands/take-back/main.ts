/** `npm run take-back`: brings a stack whose state was lost to its passwords again. */
import { join } from "node:path";
import process from "node:process";

import { KubectlError } from "../../checks/kubectl/kubectl.ts";
import { PlatformError } from "../../components/errors.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { readCommandLine } from "../command-line.ts";
import { stackFilePath } from "../stack-file/path.ts";
import { PulumiError } from "../stack-file/pulumi.ts";
import { UsageError } from "../usage-error.ts";
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

/** How long the cluster may take for an answer, in seconds. */
const timeout = 10;

const place = { project: join(import.meta.dirname, "..", ".."), environment: process.env };

async function main(args: string[]): Promise<number> {
  const { text, has, problems } = readCommandLine(args, known);
  if (has("help")) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const stack = text("stack") ?? "";
  const stackFile = stackFilePath(stack, text("config-file"), place.project, problems);
  if (problems.length > 0) throw new UsageError(problems);
  process.stdout.write(`${textOf(await takeBack({ stack, stackFile, timeout }, place, has("yes")))}\n`);
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
  const wrong = error instanceof UsageError || error instanceof SettingsError;
  const expected = [PlatformError, PulumiError, KubectlError].some((kind) => error instanceof kind);
  if (!wrong && !expected) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = wrong ? 2 : 1;
}
