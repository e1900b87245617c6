/** Paths into a stack file, as `pulumi config set --path` takes them. */
import type { Path } from "../../stacks/settings/cures.ts";
import { UsageError } from "../usage-error.ts";

/** One step of a path: `.name`, `[3]` or `["any text"]`. */
const step = /^(?:\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\])/;

/**
 * Reads `dns.zone.id`, `identity.groups[0]` or `identity.firstUsers["a.b"]`; `datalab:` may stand in front.
 *
 * @throws UsageError
 */
export function parsePath(text: string): Path {
  const path: (string | number)[] = [];
  let rest = text.replace(/^datalab:/, "");
  if (rest.startsWith(".")) throw new UsageError(`${text}: begins with a dot`);
  while (rest !== "") {
    const [all, name, index, quoted] = step.exec(rest) ?? [];
    if (all === undefined) throw new UsageError(`${text}: not a path at “${rest}”`);
    path.push(name ?? (index === undefined ? (quoted ?? "").replaceAll(/\\(.)/g, "$1") : Number(index)));
    rest = rest.slice(all.length);
  }
  if (typeof path[0] !== "string") throw new UsageError(`“${text}” names no setting`);
  return path;
}

/** Types a value like `pulumi config set --path` does: `true`, `false` and whole numbers are what they look like. */
export function typedValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return Number.isSafeInteger(number) && String(number) === text ? number : text;
}
