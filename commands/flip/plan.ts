/** Sorts the steps of a preview by what they mean for an operator. */
import { type Inputs, type Preview, shown, type Step } from "./engine-events.ts";

/** Replaced is removed and made anew; changed stays in place; moved has another name in the program, and is the same. */
export type Fate = "removed" | "replaced" | "added" | "changed" | "moved" | "unchanged";

/** What becomes of one resource. */
export interface Resource {
  readonly fate: Fate;
  readonly urn: string;
  /** Its name before, where it is moved. */
  readonly from: string | undefined;
  readonly type: string;
  /** Name for people: kind, namespace and name of an object in the cluster, else type and name in the program. */
  readonly label: string;
  /** The component that it is part of, as `name (Type)`; its own for a component. */
  readonly component: string;
  readonly custom: boolean;
  readonly protected: boolean;
  readonly changed: readonly string[];
  readonly before: Inputs;
  readonly after: Inputs;
}

/** An output of the stack that changes. */
export interface ChangedOutput {
  readonly name: string;
  /** Undefined when there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Whether the value after the switch is decided by the switch itself. */
  readonly unknown: boolean;
}

const replacements = ["create-replacement", "replace", "delete-replaced"];

/** What becomes of every resource, in the order of the preview. A replacement takes several steps, and is one resource. */
export function resourcesOf(steps: readonly Step[]): Resource[] {
  const resources = new Map<string, Resource>();
  for (const step of steps) {
    const fate = fateOf(step);
    if (fate !== undefined && !resources.has(step.urn)) resources.set(step.urn, resourceOf(step, fate));
  }
  return [...resources.values()];
}

function fateOf({ op, oldUrn }: Step): Fate | undefined {
  if (replacements.includes(op)) return "replaced";
  if (oldUrn !== undefined && (op === "same" || op === "update")) return "moved";
  switch (op) {
    case "create":
    case "import":
      return "added";
    case "delete":
    case "discard":
    case "read-discard":
      return "removed";
    case "update":
      return "changed";
    case "same":
      return "unchanged";
    default:
      // Reads and refreshes change nothing.
      return undefined;
  }
}

function resourceOf(step: Step, fate: Fate): Resource {
  const { urn, type, oldUrn, custom, changed, oldInputs: before, newInputs: after } = step;
  return {
    fate,
    urn,
    from: oldUrn,
    type,
    label: labelOf(step),
    component: componentOf(step.custom ? step.parent || urn : urn),
    custom,
    protected: step.protected,
    changed,
    before,
    after,
  };
}

function labelOf({ urn, type, oldInputs, newInputs }: Step): string {
  const kind = type.split(":").at(-1) ?? type;
  if (type.startsWith("pulumi:providers:")) return `provider ${nameOf(urn)} of ${kind}`;
  const { metadata } = (Object.keys(newInputs).length > 0 ? newInputs : oldInputs) as {
    metadata?: { name?: string; namespace?: string };
  };
  if (!type.startsWith("kubernetes:") || metadata?.name === undefined) return `${kind} ${nameOf(urn)}`;
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

function componentOf(urn: string): string {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  return type.startsWith("pulumi:") ? "stack" : `${nameOf(urn)} (${type.split(":").at(-1) ?? type})`;
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Outputs that differ, with those inside of objects by themselves. */
export function changedOutputs({ before, after }: Preview["outputs"]): ChangedOutput[] {
  const old = leaves(before);
  const next = leaves(after);
  // A place that is unknown as a whole is told by what it holds now.
  const whole = [...next.keys()].filter((place) => isUnknown(next, place) && holdsAny(place, old));
  return [...new Set([...old.keys(), ...next.keys()])]
    .filter((name) => !whole.includes(name))
    .toSorted()
    .map((name) => ({ name, before: old.get(name), after: next.get(name), unknown: isUnknown(next, name) }))
    .filter((output) => output.unknown || output.before !== output.after);
}

/** Whether a value, or what it is a part of, is not known yet. */
function isUnknown(values: Leaves, name: string): boolean {
  return [...values].some(([place, value]) => value === undefined && (place === name || isPart(name, place)));
}

function holdsAny(place: string, values: Leaves): boolean {
  return [...values.keys()].some((name) => isPart(name, place));
}

function isPart(name: string, place: string): boolean {
  return name.startsWith(`${place}.`) || name.startsWith(`${place}[`);
}

/** Values by place; undefined where unknown. */
type Leaves = ReadonlyMap<string, string | undefined>;

/** Every single value by its place. Records of a list go by their names, so that each is compared with itself. */
function leaves(values: Inputs, prefix = ""): Map<string, string | undefined> {
  return new Map(
    Object.entries(values).flatMap(([key, value]) => {
      const place = `${prefix}${key}`;
      if (isRecords(value)) return value.map(({ name, ...rest }) => [`${place}[${name}]`, joined(rest)] as const);
      return isGroup(value) ? [...leaves(value, `${place}.`)] : [[place, shown(value)] as const];
    }),
  );
}

function isRecords(value: unknown): value is ({ readonly name: string } & Inputs)[] {
  return Array.isArray(value) && value.length > 0 && value.every((element) => isGroup(element) && "name" in element);
}

function isGroup(value: unknown): value is Inputs {
  return typeof value === "object" && value !== null && !Array.isArray(value) && shown(value) !== "[secret]";
}

function joined(record: Inputs): string | undefined {
  const parts = Object.values(record).map((value) => shown(value));
  return parts.includes(undefined) ? undefined : parts.join(" ");
}
