import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { UsageError } from "../usage-error.ts";
import type { Surroundings } from "./surroundings.ts";

/** Variable that holds the password. */
export const passwordVariable = "DATALAB_PASSWORD";

/**
 * The password from the environment, or the first line of standard input; on a terminal it is asked for and not shown.
 * Never from the command line, which every user of this machine can read.
 * @throws UsageError if there is none
 */
export async function readPassword(
  user: string,
  { environment, input, errors }: Pick<Surroundings, "environment" | "input" | "errors">,
): Promise<string> {
  const given = environment[passwordVariable];
  if (given !== undefined && given !== "") return given;
  const asks = input.isTTY === true;
  if (asks) errors.write(`Password of ${user}: `);
  // On a terminal the line editor would repeat what is typed.
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input, output: nowhere, terminal: asks });
  try {
    for await (const line of lines) if (line !== "") return line;
  } finally {
    lines.close();
    if (asks) errors.write("\n");
  }
  throw new UsageError([`--user ${user} needs a password, in ${passwordVariable} or on standard input`]);
}
