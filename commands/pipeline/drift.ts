/** Whether what runs is still what the stack's state says, as `pulumi refresh` finds out without writing anything. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Pulumi, PulumiError } from "../stack-file/pulumi.ts";
import { type Issues, markedBy, writeOnce } from "./forge.ts";

/** A resource that is no longer as the state says. */
export interface Drifted {
  readonly urn: string;
  /** `deleted`: somebody has removed it. */
  readonly is: "changed" | "deleted";
  /** Its fields by path; values may be secrets, and are left out. */
  readonly fields: readonly string[];
}

/** @throws PulumiError */
export async function driftOf(pulumi: Pulumi, stack: string): Promise<Drifted[]> {
  const folder = mkdtempSync(join(tmpdir(), "datalab-drift-"));
  try {
    const log = join(folder, "events");
    const { exitCode, output, errors } = await pulumi.attempt([
      ...["refresh", "--preview-only", "--non-interactive", "--color", "never", "--stack", stack],
      ...["--event-log", log],
    ]);
    if (exitCode !== 0) throw new PulumiError(errors.trim() || output.trim());
    return driftIn(readFileSync(log, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Outputs {
  readonly metadata: {
    readonly op: string;
    readonly urn: string;
    readonly diffs?: readonly string[] | null;
    readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  };
}

/** Reads the engine's event log, one JSON object a line. After a refresh the operation is what it has found. */
export function driftIn(log: string): Drifted[] {
  return log
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as { readonly resOutputsEvent?: Outputs }]))
    .flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? [])
    .flatMap(({ op, urn, diffs, detailedDiff }): Drifted[] => {
      if (op !== "update" && op !== "delete") return [];
      const fields = Object.keys(detailedDiff ?? {});
      return [
        { urn, is: op === "delete" ? "deleted" : "changed", fields: fields.length > 0 ? fields : [...(diffs ?? [])] },
      ];
    })
    .toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
}

export function driftMark(stack: string): string {
  return `<!-- datalab drift ${stack.replaceAll(/[^\w./-]/g, "_")} -->`;
}

export function driftTitle(stack: string): string {
  return `Stack ${stack} is no longer what its program says`;
}

/** As many as a person reads; the command below shows all. */
const most = 100;

export function driftText(stack: string, drifted: readonly Drifted[]): string {
  const rows = drifted.slice(0, most).map(({ urn, is, fields }) => {
    const [type = "", name = ""] = urn.split("::").slice(-2);
    const where = fields.length === 0 ? "" : ` (${fields.slice(0, 10).map(code).join(", ")})`;
    return `- ${code(`${type.split("$").at(-1) ?? type} ${name}`)} is ${is}${where}`;
  });
  const rest = drifted.length > most ? [`- and ${drifted.length - most} more`] : [];
  return [
    driftMark(stack),
    "Somebody or something has changed what this stack made:",
    [...rows, ...rest].join("\n"),
    `\`pulumi refresh --preview-only --diff --stack ${stack}\` shows the values. \`pulumi up --refresh --stack ${stack}\` makes it what the program says again.`,
  ].join("\n\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** Opens an issue, keeps it current, and closes it when all is well again. @returns what was done */
export async function reportDrift(issues: Issues, stack: string, drifted: readonly Drifted[]): Promise<string> {
  if (drifted.length > 0) return writeOnce(issues, driftMark(stack), driftText(stack, drifted));
  const open = await markedBy(issues, driftMark(stack));
  if (open === undefined) return "none";
  await issues.close(open.id);
  return "closed";
}
