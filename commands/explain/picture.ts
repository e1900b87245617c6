/** The neighbourhood of one thing as a Mermaid picture. An arrow means "waits for", or "comes of" for a setting. */
import type { Explanation } from "./explanation.ts";

export function pictureOf(explanation: Explanation): string {
  const { name, above, below } = neighbours(explanation);
  const boxes = [name, ...above, ...below];
  const ids = new Map([...new Set(boxes)].map((box, index) => [box, `n${index}`]));
  const id = (box: string) => ids.get(box) ?? "";
  return [
    "```mermaid",
    "flowchart BT",
    ...[...ids].map(([box, key]) => `  ${key}["${box.replaceAll('"', "#quot;")}"]${box === name ? ":::subject" : ""}`),
    ...below.map((box) => `  ${id(name)} --> ${id(box)}`),
    ...above.map((box) => `  ${id(box)} --> ${id(name)}`),
    "  classDef subject fill:#fff3b8,stroke:#9a6700,color:#3f2b00",
    "```",
  ].join("\n");
}

/** @returns `below`: what must be there before it; `above`: what comes after it */
function neighbours(told: Explanation): { name: string; above: readonly string[]; below: readonly string[] } {
  switch (told.kind) {
    case "resource":
      return { name: told.label, above: told.waitedForBy, below: told.waitsFor };
    case "host":
      return { name: told.host, above: told.servedBy, below: told.causes.map(({ setting }) => setting) };
    case "setting": {
      const touched = told.tried.flatMap(({ removes, changes }) => [...removes, ...changes]);
      return { name: told.setting, above: [...new Set(touched)], below: [] };
    }
  }
}
