/** `npm run digest -- -s <stack> [--against <git ref>]`: what a change does, for who reviews it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { UsageError } from "../usage-error.ts";
import { PulumiError } from "../stack-file/pulumi.ts";
import { exitCodes, parseArguments, usage } from "./arguments.ts";
import { digestOf } from "./digest.ts";
import { pageOf } from "./digest-page.ts";
import { obtain } from "./obtain.ts";
import { html } from "./print/html.ts";
import { json } from "./print/json.ts";
import { markdown } from "./print/markdown.ts";

const place = { project: join(import.meta.dirname, "..", ".."), environment: process.env };

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const given = parseArguments(args);
  if (given === undefined) {
    process.stdout.write(`${usage}\n`);
    return exitCodes.fine;
  }
  // What runs then ends by itself, and what was made for it is removed before this ends.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  const comparison = await obtain(given, place);
  const digest = digestOf(comparison);
  const page = pageOf(digest, comparison);
  if (given.html !== undefined) writeFileSync(given.html, html(page));
  process.stdout.write(given.json ? json(digest) : markdown(page, given.stack));
  const refused = given.failOn.filter((rule) => digest.broken[rule] !== undefined);
  for (const rule of refused) {
    const count = digest.broken[rule] ?? 0;
    process.stderr.write(`--fail-on ${rule}: ${count === 1 ? "1 reason" : `${count} reasons`}\n`);
  }
  return refused.length > 0 ? exitCodes.refused : exitCodes.fine;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exitCode = exitCodes.notUnderstood;
  } else if (error instanceof PulumiError) {
    process.stderr.write(`A preview failed. Nothing was changed.\n\n${error.message}\n`);
    process.exitCode = exitCodes.failed;
  } else {
    throw error;
  }
}
