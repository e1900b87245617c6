/** What a stack file says, as `pulumi up` reads it. */
import type { StackFile } from "../stacks/settings.ts";
import type { Pulumi } from "./pulumi.ts";

/** Beginning of the keys that are the program's. */
export const prefix = "datalab:";

/** What `pulumi config --json --show-secrets` says of one key. */
export interface PlainEntry {
  readonly value?: string;
  readonly objectValue?: unknown;
}

/** The object `config` of a stack file, as it is written. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** Whether a setting is encrypted. */
export function holdsSecrets(config: StackConfig): boolean {
  return settingsIn(config).some(([, value]) => isOrHoldsSecret(value));
}

/** Values of a stack file with the secrets in clear. They stay in memory. @throws PulumiError */
export async function decrypted(pulumi: Pulumi, stack: string, file: string): Promise<Record<string, PlainEntry>> {
  const target = ["--stack", stack, "--config-file", file, "--non-interactive"];
  return JSON.parse(await pulumi.run(["config", "--json", "--show-secrets", ...target])) as Record<string, PlainEntry>;
}

/** The settings as the program gets them. `plain` has the decrypted values. */
export function stackFileOf(
  stack: string,
  config: StackConfig,
  plain: Readonly<Record<string, PlainEntry>> = {},
): StackFile {
  const entries = settingsIn(config);
  return {
    stack,
    values: Object.fromEntries(
      entries.map(([key, value]) => [key, revealed(value, plainValue(plain[`${prefix}${key}`]))]),
    ),
    secretKeys: entries.filter(([, value]) => isOrHoldsSecret(value)).map(([key]) => key),
  };
}

function settingsIn(config: StackConfig): [string, unknown][] {
  return Object.entries(config)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
}

/** Pulumi writes a secret as an object with the one key `secure`. */
function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

function isOrHoldsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isSecret(value) || Object.values(value).some(isOrHoldsSecret);
}

/** The same value with its secrets in clear. */
function revealed(value: unknown, plain: unknown): unknown {
  if (isSecret(value)) return plain ?? "[secret]";
  if (typeof value !== "object" || value === null) return value;
  const inner = (key: string | number) =>
    typeof plain === "object" && plain !== null ? (plain as Record<string | number, unknown>)[key] : undefined;
  if (Array.isArray(value)) return value.map((element: unknown, index) => revealed(element, inner(index)));
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, revealed(element, inner(key))]));
}

/** A key that is encrypted as a whole holds JSON. */
function plainValue(entry: PlainEntry | undefined): unknown {
  if (entry?.objectValue !== undefined) return entry.objectValue;
  try {
    return JSON.parse(entry?.value ?? "null") as unknown;
  } catch {
    return entry?.value;
  }
}
