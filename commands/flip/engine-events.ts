/** Reads what the engine logs of a preview. */

/** What would be done with one resource. */
export interface Step {
  /** `same`, `create`, `update`, `create-replacement`, `replace`, `delete-replaced`, `delete`, … */
  readonly op: string;
  readonly urn: string;
  /** Its name before, where an alias leads from there. */
  readonly oldUrn: string | undefined;
  readonly type: string;
  /** False for components: they are folders of the others. */
  readonly custom: boolean;
  /** Whether the state protects what is there now. */
  readonly protected: boolean;
  /** Component that it belongs to, if any. */
  readonly parent: string | undefined;
  /** Properties that differ. */
  readonly changed: readonly string[];
  readonly oldInputs: Inputs;
  readonly newInputs: Inputs;
}

export type Inputs = Readonly<Record<string, unknown>>;

/** A preview. */
export interface Preview {
  readonly steps: readonly Step[];
  readonly outputs: { readonly before: Inputs; readonly after: Inputs };
}

interface State {
  readonly urn: string;
  readonly custom?: boolean;
  readonly protect?: boolean;
  readonly parent?: string;
  readonly inputs?: Inputs;
  readonly outputs?: Inputs;
}

interface Metadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old?: State | null;
  readonly new?: State | null;
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: Metadata };
  readonly resOutputsEvent?: { readonly metadata: Metadata };
}

const stackType = "pulumi:pulumi:Stack";

/** Reads an event log: one JSON object a line. */
export function readPreview(log: string): Preview {
  const events = log.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as EngineEvent]));
  // The stack's outputs come at its end; events before it still hold the old ones.
  const stack = events.findLast((event) => event.resOutputsEvent?.metadata.type === stackType)?.resOutputsEvent;
  return {
    steps: events.flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [stepOf(resourcePreEvent.metadata)] : [])),
    outputs: {
      before: stack?.metadata.old?.outputs ?? {},
      after: stack?.metadata.new?.outputs ?? {},
    },
  };
}

function stepOf({ op, urn, type, old, new: next, diffs, detailedDiff }: Metadata): Step {
  return {
    op,
    urn,
    oldUrn: old && old.urn !== urn ? old.urn : undefined,
    type,
    custom: (next ?? old)?.custom === true,
    protected: old?.protect === true,
    parent: (next ?? old)?.parent,
    changed: op === "same" ? [] : detailedDiff ? Object.keys(detailedDiff) : [...(diffs ?? [])],
    oldInputs: old?.inputs ?? {},
    newInputs: next?.inputs ?? {},
  };
}

/** What the engine writes for a value that is not known yet. */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Marks an object that stands for a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** A value as a person reads it; undefined when it is not known yet. */
export function shown(value: unknown): string | undefined {
  if (typeof value === "string") return value.includes(unknownValue) ? undefined : value;
  if (isSecret(value)) return "[secret]";
  const text = JSON.stringify(value ?? null, (_key, inner: unknown) => (isSecret(inner) ? "[secret]" : inner));
  return text.includes(unknownValue) ? undefined : text;
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && secretMark in value;
}
