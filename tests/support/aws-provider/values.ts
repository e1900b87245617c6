/** Values as they travel between the engine and a provider: JSON, and a marker for what is not known yet. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type Values = Readonly<Record<string, Value>>;

/** Stands for a value that is known only after an `up`; the engine's own marker. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isKnown(value: Value | undefined): boolean {
  if (value === unknown) return false;
  if (Array.isArray(value)) return value.every((element) => isKnown(element as Value));
  return !isObject(value) || Object.values(value).every(isKnown);
}

export function text(value: Value | undefined): string | undefined {
  return typeof value === "string" && value !== unknown ? value : undefined;
}

export function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.flatMap((element: Value) => text(element) ?? []) : [];
}

export function object(value: Value | undefined): Values {
  return isObject(value) ? value : {};
}

export function list(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  return a === b || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: Value | undefined): Value | undefined {
  if (Array.isArray(value)) return value.map((element: Value) => sorted(element) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, element]) => [key, sorted(element) ?? null]),
  );
}

/** Every string in a value, with its path. */
export function strings(value: Value | undefined, path = ""): { readonly path: string; readonly text: string }[] {
  if (typeof value === "string") return value === unknown ? [] : [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((element: Value, index) => strings(element, `${path}[${index}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, element]) => strings(element, path === "" ? key : `${path}.${key}`));
}
