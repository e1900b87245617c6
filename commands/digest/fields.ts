/** Differences between the inputs of two resources, field by field, as a person reads them. */
import { type Inputs, shown } from "../flip/engine-events.ts";

/** One field that differs. */
export interface Field {
  /** @example "spec.template.spec.containers[server].image" */
  readonly path: string;
  /** Undefined where there was none. */
  readonly before: string | undefined;
  /** Undefined where there is none any more. */
  readonly after: string | undefined;
}

/** What stands for a value that is decided by `up`. */
export const later = "(known after up)";

/** Every single value that differs, in the order of the paths. */
export function differingFields(before: Inputs, after: Inputs): Field[] {
  return compare(before, after, "").toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function compare(before: unknown, after: unknown, path: string): Field[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [old, next] = [entriesOf(before), entriesOf(after)];
  if (old !== undefined && next !== undefined) {
    const keys = [...new Set([...old.keys(), ...next.keys()])];
    return keys.flatMap((key) => compare(old.get(key), next.get(key), joined(path, key, Array.isArray(before))));
  }
  if (typeof before === "string" && typeof after === "string") return compareTexts(before, after, path);
  return [{ path, before: valueOf(before), after: valueOf(after) }];
}

/** Documents inside of texts are compared too: a policy, a realm, a script. */
function compareTexts(before: string, after: string, path: string): Field[] {
  const [old, next] = [documentIn(before), documentIn(after)];
  if (old !== undefined && next !== undefined) return compare(old, next, path);
  const [lines, news] = [before.split("\n"), after.split("\n")];
  if (Math.max(lines.length, news.length) < 3) return [{ path, before: valueOf(before), after: valueOf(after) }];
  const gone = lines.filter((line) => !news.includes(line)).join("\n");
  const come = news.filter((line) => !lines.includes(line)).join("\n");
  // Lines that only moved are a difference too.
  if (gone === "" && come === "") return [{ path, before: "lines in one order", after: "in another" }];
  return [{ path, before: gone === "" ? undefined : gone, after: come === "" ? undefined : come }];
}

/** An object or a list that a text holds. */
export function documentIn(text: unknown): object | undefined {
  if (typeof text !== "string" || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function valueOf(value: unknown): string | undefined {
  return value === undefined ? undefined : (shown(value) ?? later);
}

function joined(path: string, key: string, isList: boolean): string {
  if (isList) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** What a value holds, by key. Elements of a list go by name, so that each is compared with itself. */
function entriesOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const names = value.map(elementName);
  const isNamed = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  return new Map(value.map((element: unknown, index) => [isNamed ? (names[index] ?? "") : String(index), element]));
}

function elementName(element: unknown): string | undefined {
  if (typeof element !== "object" || element === null) return undefined;
  const { name, key, Sid, clientId, host } = element as Record<string, unknown>;
  return [name, key, Sid, clientId, host].find((text) => typeof text === "string" && text !== "") as string | undefined;
}
