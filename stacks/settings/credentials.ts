/** Finds credentials that stand in a stack file in clear, whatever else is wrong with it. */
import { ask, by, credentialSettings, type Path } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";
import { valueAt } from "./schema-paths.ts";

/** What credentials look like, wherever they stand. */
const looks: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  // Those of users in a kubeconfig: a line of YAML, or a key of JSON.
  /(^|\n)[ \t-]*(client-key-data|token|password):[ \t]*\S/,
  /"(client-key-data|token|password)"\s*:\s*"[^"]/,
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  /\b(AKIA|ASIA)[A-Z2-7]{16}\b/,
  // A password in an address.
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/,
];

interface Values {
  readonly values: Readonly<Record<string, unknown>>;
  readonly secretKeys: readonly string[];
}

/** One problem for each credential in clear. */
export function credentialProblems({ values, secretKeys }: Values): Problem[] {
  const inClear = Object.fromEntries(Object.entries(values).filter(([key]) => !secretKeys.includes(key)));
  const named = credentialSettings.filter((path) => valueAt(inClear, path) !== undefined);
  const alike = textsIn(inClear, []).filter(
    ({ path, text }) =>
      looks.some((look) => look.test(text)) && !named.some((one) => one.join("\n") === path.join("\n")),
  );
  return [
    ...named.map((path) => problem(path, "stands in clear, but is a credential")),
    ...alike.map(({ path }) => problem(path, "stands in clear, but looks like a credential")),
  ];
}

function problem(path: Path, reason: string): Problem {
  return broken(path, reason, by(ask(path, String(path.at(-1)), "secret")));
}

function textsIn(value: unknown, path: Path): { readonly path: Path; readonly text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((element: unknown, index) => textsIn(element, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key]));
}
