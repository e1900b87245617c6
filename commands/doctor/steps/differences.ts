/** Where a value lacks what is expected, one text for each place. What it has beyond that is nobody's concern. */
export function differences(expected: unknown, actual: unknown, path = ""): string[] {
  if (isEmpty(expected) && (actual === undefined || actual === null || isEmpty(actual))) return [];
  if (Array.isArray(expected)) {
    const list: readonly unknown[] = Array.isArray(actual) ? actual : [];
    const surplus = list.length > expected.length ? [`${path} has ${list.length} entries, not ${expected.length}`] : [];
    return [...expected.flatMap((part, index) => differences(part, list[index], `${path}[${index}]`)), ...surplus];
  }
  if (typeof expected === "object" && expected !== null) {
    const object = typeof actual === "object" && actual !== null ? (actual as Record<string, unknown>) : {};
    return Object.entries(expected).flatMap(([key, part]) =>
      differences(part, object[key], path === "" ? key : `${path}.${key}`),
    );
  }
  // Numbers that were written as text come back as numbers.
  if (String(expected) === String(actual)) return [];
  return [`${path} is ${actual === undefined ? "missing" : JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
}

/** What servers leave out as often as they write it. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
