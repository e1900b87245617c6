/** The program with one line changed: what a slip in a component would be. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { checkout } from "../../testbed/engine/dev-stack.ts";

/** One changed line. */
export interface Slip {
  /** Path in the checkout. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

/** No part of the program. */
const apart = new Set(["node_modules", "docs", "tests"]);

/** Copies the program into a folder, and makes the slips. */
export function brokenCheckout(folder: string, slips: readonly Slip[]): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const program = readdirSync(checkout).filter((name) => !name.startsWith(".") && !apart.has(name));
  for (const name of program) cpSync(join(checkout, name), join(folder, name), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  for (const slip of slips) {
    const file = join(folder, slip.file);
    writeFileSync(file, withSlip(readFileSync(file, "utf8"), slip));
  }
  return folder;
}

/** The text of the slip's file with the line changed. @throws Error unless it stands there exactly once */
export function withSlip(text: string, { file, from, to }: Slip): string {
  const times = text.split(from).length - 1;
  if (times !== 1) throw new Error(`${file} holds ${from} ${times} times: the slip must fit one place`);
  return text.replace(from, () => to);
}
