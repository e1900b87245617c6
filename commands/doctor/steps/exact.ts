/** Whether an object of the cluster is exactly what was declared: in a rule, one field more may open everything. */

/** The first place where a value is not the expected one, in words; undefined if it is. */
export function deviation(expected: unknown, actual: unknown, path = ""): string | undefined {
  if (isAbsent(expected) && isAbsent(actual)) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return `${path} has ${actual.length} entries, not ${expected.length}`;
    return expected.flatMap((part, index) => deviation(part, actual[index], `${path}[${index}]`) ?? [])[0];
  }
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return keys.flatMap((key) => deviation(expected[key], actual[key], path === "" ? key : `${path}.${key}`) ?? [])[0];
  }
  if (isSameScalar(expected, actual)) return undefined;
  if (isAbsent(expected)) return `${path} is there, with ${shown(actual)}`;
  return `${path} is ${isAbsent(actual) ? "missing" : shown(actual)}, not ${shown(expected)}`;
}

/** The same for rules of admission, which the API server completes with fields that change nothing. */
export function admissionDeviation(expected: unknown, actual: unknown): string | undefined {
  return deviation(expected, withoutDefaults(actual), "spec");
}

function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, part]) =>
      !(/^(object|namespace)Selector$/.test(key) && isObject(part) && Object.keys(part).length === 0) &&
      !(key === "scope" && part === "*"),
  );
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutDefaults(part)]));
}

/** Empty objects mean something in a NetworkPolicy: everything. Empty lists are left out as often as written. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSameScalar(expected: unknown, actual: unknown): boolean {
  if (expected === actual) return true;
  if (typeof expected !== "string" || typeof actual !== "string") return false;
  const [one, other] = [quantityOf(expected), quantityOf(actual)];
  return one !== undefined && one === other;
}

const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Kubernetes keeps quantities in a form of its own: 1.5 comes back as 1500m. */
function quantityOf(text: string): number | undefined {
  const [, number, unit = ""] = /^([0-9]+(?:\.[0-9]+)?)([mkMGTPE]|[KMGTPE]i)?$/.exec(text) ?? [];
  const factor = units[unit];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
