/** `npm run preflight`: what would stand in the way of an `up`, without one. */
import { join } from "node:path";
import process from "node:process";

import { PlatformError } from "../../components/errors.ts";
import { readCommandLine } from "../command-line.ts";
import { stackFilePath } from "../stack-file/path.ts";
import { UsageError } from "../usage-error.ts";
import { planOf } from "../../stacks/plan.ts";
import type { Kubectl } from "../../checks/kubectl/kubectl.ts";
import { readSettings } from "../stack-file/connection.ts";
import { PulumiError, pulumiIn } from "../stack-file/pulumi.ts";
import { capabilities } from "../../checks/preflight/capabilities.ts";
import { examine } from "../../checks/preflight/examine.ts";
import { textOfObstacles } from "../../checks/preflight/problem.ts";
import { type ResourceOutputs, type StackState, stateOf } from "../../checks/preflight/state.ts";
import type { ServerVersion } from "../../checks/preflight/version.ts";

const usage = `npm run preflight -- -s <stack> [options]      looks whether a stack can be brought up, and changes nothing

  -s, --stack <stack>     stack; its settings are read from Pulumi.<stack>.yaml
  --config-file <file>    another stack file
  --json                  print JSON
  --help                  print this

Exit code: 0 nothing stands in the way, 1 something does or a cluster that is there could not be asked, 2 wrong options or
stack file.`;

const known = {
  stack: { type: "string", short: "s" },
  "config-file": { type: "string" },
  json: { type: "boolean" },
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
  const plan = planOf(await readSettings({ stack, stackFile, timeout }, place));
  // The owner is named by the last part of `organization/project/stack`, as the program knows itself.
  const subject = { stack: stack.split("/").at(-1) ?? stack, plan, charts: {}, known: () => exported(stack) };
  const notes: string[] = [];
  const more = async (kubectl: Kubectl, version: string) => {
    const found = await capabilities(plan, kubectl, { stack, version: JSON.parse(version) as ServerVersion });
    notes.push(...found.notes);
    return found.obstacles;
  };
  const { obstacles, notAsked } = await examine(subject, place, { timeout, more });
  if (has("json"))
    process.stdout.write(`${JSON.stringify({ stack, obstacles, notes, notAsked: notAsked ?? null }, null, 2)}\n`);
  else {
    if (obstacles.length > 0) process.stdout.write(`  ${textOfObstacles(obstacles)}\n`);
    for (const note of notes) process.stdout.write(`Note: ${note}\n`);
    if (notAsked !== undefined) process.stdout.write(`The cluster was not asked: ${notAsked}\n`);
    if (obstacles.length === 0 && notAsked === undefined)
      process.stdout.write(`Nothing stands in the way of \`pulumi up --stack ${stack}\`.\n`);
  }
  return obstacles.length > 0 || (notAsked !== undefined && plan.cluster.kind === "existing") ? 1 : 0;
}

/** What the stack's state knows. A stack that is not there yet knows nothing. */
async function exported(stack: string): Promise<StackState> {
  try {
    const text = await pulumiIn(place.project, place).run(["stack", "export", "--stack", stack, "--non-interactive"]);
    const { deployment } = JSON.parse(text) as {
      readonly deployment: { readonly resources?: readonly ({ readonly urn: string } & ResourceOutputs)[] };
    };
    return stateOf(Object.fromEntries((deployment.resources ?? []).map(({ urn, outputs }) => [urn, { outputs }])));
  } catch (error) {
    if (error instanceof PulumiError && error.message.includes("no stack named")) return stateOf({});
    throw error;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const expected = error instanceof UsageError || error instanceof PlatformError || error instanceof PulumiError;
  if (!expected) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
