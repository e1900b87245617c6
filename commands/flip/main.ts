/** `npm run flip -- --stack <stack> <setting>=<value> …` */
import { join } from "node:path";
import process from "node:process";

import { PulumiError } from "../stack-file/pulumi.ts";
import { parseArguments, usage } from "./arguments.ts";
import { flip } from "./flip.ts";
import { refusalText, reportText } from "./text.ts";
import { UsageError } from "../usage-error.ts";

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const given = parseArguments(args);
  if (given === undefined) {
    console.log(usage);
    return 0;
  }
  const result = await flip(given, join(import.meta.dirname, "..", ".."));
  if (given.json) console.log(JSON.stringify(result, undefined, 2));
  else console.log(result.accepted ? reportText(result) : refusalText(result));
  return result.accepted ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  } else if (error instanceof PulumiError) {
    console.error(`The preview failed. Nothing was changed.\n\n${error.message}`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
