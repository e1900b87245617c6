/** `npm run explain -- <resource | host | setting> -s <stack>`: why something is there, and what it waits for. */
import { join } from "node:path";
import process from "node:process";

import { PlatformError } from "../../components/errors.ts";
import { planOf } from "../../stacks/plan.ts";
import { PulumiError } from "../stack-file/pulumi.ts";
import { UsageError } from "../usage-error.ts";
import { exitCodes, parseArguments, usage } from "./arguments.ts";
import { explain } from "./explain.ts";
import { pictureOf } from "./picture.ts";
import { readStack } from "./stack.ts";
import { subjectOf } from "./subject.ts";
import { textOf } from "./text.ts";

const place = { project: join(import.meta.dirname, "..", ".."), environment: process.env };

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const given = parseArguments(args);
  if (given === undefined) {
    console.log(usage);
    return exitCodes.fine;
  }
  const stack = await readStack(given, place);
  const hosts = { ...planOf(stack.settings).hosts };
  const subject = subjectOf(given.word, { graph: stack.graph, hosts, settings: stack.settingPaths });
  // The picture of a resource tells who waits for whom alone: nothing has to be tried for it.
  const tried = given.graph && !given.json && subject.kind === "resource" ? [] : stack.candidates;
  const explanation = await explain(subject, { ...stack, candidates: tried });
  if (given.json) console.log(JSON.stringify(explanation, undefined, 2));
  else console.log(given.graph ? pictureOf(explanation) : textOf(explanation));
  return exitCodes.fine;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = exitCodes.notUnderstood;
  } else if (error instanceof PulumiError || error instanceof PlatformError) {
    console.error(error.message);
    process.exitCode = exitCodes.failed;
  } else {
    throw error;
  }
}
