import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";

import { withSlip } from "../walk/broken-checkout.ts";
import { wirings } from "../walk/wirings.ts";

const root = join(import.meta.dirname, "../..");
const all = wirings.flatMap(({ slips }) => slips);

// The walk is long: a line that has changed meanwhile would show at its end.
it.each(all.map((slip) => [slip.title, slip] as const))("the slip fits one place: %s", (_, slip) => {
  const text = readFileSync(join(root, slip.file), "utf8");
  expect(withSlip(text, slip)).not.toBe(text);
});

it("docs/walk.md has a row for each, with its file and where it is found", () => {
  const rows = readFileSync(join(root, "docs/walk.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.replace(/ +/g, " "));
  for (const { title, file, found } of all) {
    const steps = [...new Set(found.map(({ step }) => `\`${step}\``))].join(", ");
    expect(
      rows.filter((row) => row.startsWith(`| ${title} |`) && row.includes(`\`${file}\` | ${steps} |`)),
    ).toHaveLength(1);
  }
});
