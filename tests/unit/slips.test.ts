import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";

import { withSlip } from "../walk/broken-checkout.ts";
import { wirings } from "../walk/wirings.ts";

const root = join(import.meta.dirname, "../..");

// The walk is long: a line that has changed meanwhile would show at its end.
it.each(wirings.map((slip) => [slip.title, slip] as const))("the slip fits one place: %s", (_, slip) => {
  const text = readFileSync(join(root, slip.file), "utf8");
  expect(withSlip(text, slip)).not.toBe(text);
});
