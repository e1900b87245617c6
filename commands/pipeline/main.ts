/** `npm run pipeline`: what the workflows of GitHub and GitLab call beside the other commands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { PlatformError } from "../../components/errors.ts";
import { readStack } from "../explain/stack.ts";
import { PulumiError, pulumiIn } from "../stack-file/pulumi.ts";
import { UsageError } from "../usage-error.ts";
import { exitCodes, parseArguments, usage } from "./arguments.ts";
import { commentOn } from "./digest-comment.ts";
import { driftOf, driftTitle, reportDrift } from "./drift.ts";
import { ForgeError } from "./forge.ts";
import { pipelinePlace } from "./place.ts";
import { permissionsPolicy, trustPolicy } from "./role.ts";

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const given = parseArguments(args);
  if (given === undefined) {
    console.log(usage);
    return exitCodes.fine;
  }
  const project = join(import.meta.dirname, "..", "..");
  const { stack } = given;
  if (given.task === "role") {
    const { settings, graph } = await readStack(
      { stack, configFile: undefined },
      { project, environment: process.env },
    );
    if (settings.aws === undefined) throw new UsageError(`stack ${stack} has nothing on AWS`);
    const trust = trustPolicy({ ...given, accountId: settings.aws.accountId });
    console.log(JSON.stringify({ trust, permissions: permissionsPolicy(graph) }, undefined, 2));
    return exitCodes.fine;
  }
  const place = pipelinePlace(process.env);
  if (given.task === "comment") {
    console.log(`comment: ${await commentOn(place.comments(), readFileSync(given.file, "utf8"), stack)}`);
    return exitCodes.fine;
  }
  const drifted = await driftOf(pulumiIn(project, { environment: process.env }), stack);
  const done = await reportDrift(place.issues(driftTitle(stack)), stack, drifted);
  console.log(`drift: ${drifted.length === 0 ? "none" : `${drifted.length} resources`}; issue: ${done}`);
  return drifted.length === 0 ? exitCodes.fine : exitCodes.drifted;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = exitCodes.notUnderstood;
  } else if (error instanceof PulumiError || error instanceof PlatformError || error instanceof ForgeError) {
    console.error(error.message);
    process.exitCode = exitCodes.failed;
  } else {
    throw error;
  }
}
