import { readFile } from "node:fs/promises";

/** What an operation did, or would do, with one resource. */
export interface Step {
  /** `same`, `create`, `update`, `replace`, `create-replacement`, `delete-replaced`, `delete`, `refresh`, … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Properties that differ; empty for anything but a change. */
  readonly changed: readonly string[];
  /** The resource's inputs after the step; absent where it is deleted. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

/** A message about the operation or one of its resources. */
export interface Diagnostic {
  readonly severity: "info" | "info#err" | "warning" | "error";
  readonly message: string;
  readonly urn?: string;
}

/** What the engine has logged of an operation. */
export interface OperationEvents {
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** Resources by kind of step, as the engine sums them up. */
  readonly changes: Readonly<Record<string, number>>;
}

/**
 * Reads the engine's event log. One that breaks off in the middle of a line is that of an operation which was cut
 * short.
 */
export async function readEvents(file: string): Promise<OperationEvents> {
  const text = await readFile(file, "utf8").catch(() => "");
  const events = text.split("\n").flatMap((line) => parse(line));
  const failed = new Set(events.flatMap((event) => event.resOpFailedEvent?.metadata.urn ?? []));
  const changes = events.findLast((event) => event.summaryEvent !== undefined)?.summaryEvent?.resourceChanges ?? {};
  return {
    steps: events.flatMap((event) => (event.resourcePreEvent ? [step(event.resourcePreEvent.metadata, failed)] : [])),
    diagnostics: events.flatMap((event) => {
      const diagnostic = event.diagnosticEvent;
      // Debug messages tell of every call; what is ephemeral was progress.
      if (diagnostic === undefined || diagnostic.severity === "debug" || diagnostic.ephemeral === true) return [];
      const { severity, message, urn } = diagnostic;
      return [{ severity, message: plain(message).trimEnd(), ...(urn && { urn }) }];
    }),
    changes,
  };
}

interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: Omit<Diagnostic, "severity"> & {
    severity: "debug" | Diagnostic["severity"];
    ephemeral?: boolean;
  };
  readonly summaryEvent?: { readonly resourceChanges?: Record<string, number> };
}

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  readonly new?: { readonly inputs?: Record<string, unknown> } | null;
}

function step(metadata: StepMetadata, failed: ReadonlySet<string>): Step {
  const { op, urn, type, detailedDiff, diffs } = metadata;
  const inputs = metadata.new?.inputs;
  return {
    op,
    urn,
    type,
    name: urn.split("::").at(-1) ?? "",
    changed: op === "same" ? [] : detailedDiff ? Object.keys(detailedDiff) : (diffs ?? []),
    failed: failed.has(urn),
    ...(inputs && { inputs }),
  };
}

function parse(line: string): EngineEvent[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as EngineEvent];
  } catch {
    return [];
  }
}

/** Without the engine's colour directives, such as `<{%reset%}>`. */
function plain(text: string): string {
  return text.replaceAll(/<\{%[^%]*%\}>/g, "");
}
