/** Keys of a stack file that nobody reads: those that the program does not know, and those of other namespaces. */
import { ask, by, edit, or, type Path, remove } from "./cures.ts";
import { closest } from "./near-misses.ts";
import { broken, type Problem } from "./problems.ts";
import { unknownKeyProblem } from "./schema-problems.ts";
import { valueAt } from "./schema-paths.ts";

/** The namespace of the program's own keys: the name of the project. */
const own = "datalab";

/** Namespaces that the engine and the packages read by themselves. */
const packages = ["aws", "kubernetes", "pulumi", "random", "tls"];

interface Keys {
  readonly values: Readonly<Record<string, unknown>>;
  readonly secretKeys: readonly string[];
  /** Keys of other namespaces, in full. @default none */
  readonly foreignKeys?: readonly string[];
}

/** @param known the keys that the program reads */
export function keyProblems({ values, secretKeys, foreignKeys = [] }: Keys, known: readonly string[]): Problem[] {
  const unread = Object.keys(values).filter((key) => !known.includes(key));
  return [
    ...unread.map((key) => pathAsKey(key, values, secretKeys, known) ?? unknownKeyProblem([], key, known)),
    ...foreignKeys.flatMap((key) => foreignKeyProblems(key, values, known)),
  ];
}

/** Without `--path`, `pulumi config set platform.domain x` makes a key of that name. */
function pathAsKey(
  key: string,
  values: Keys["values"],
  secretKeys: readonly string[],
  known: readonly string[],
): Problem | undefined {
  const [root, ...below] = key.split(/[.[\]"]+/).filter((part) => part !== "");
  if (root === undefined || below.length === 0 || !known.includes(root)) return undefined;
  const meant: Path = [root, ...below.map((part) => (/^\d+$/.test(part) ? Number(part) : part))];
  // What stands in quotes may hold dots of its own.
  const isThere = key.includes('"') || valueAt(values, meant) !== undefined;
  const set = ask(meant, "value", secretKeys.includes(key) ? "secret" : undefined);
  const reason = `is not a setting, but a key of its own: \`pulumi config set\` makes one where \`--path\` is missing`;
  return broken([key], reason, by(...(isThere ? [] : [set]), remove([key])));
}

function foreignKeyProblems(key: string, values: Keys["values"], known: readonly string[]): Problem[] {
  const [namespace = "", name = ""] = key.split(":");
  if (packages.includes(namespace)) return [];
  const likely = known.includes(name) ? own : closest(namespace, [own, ...packages]);
  const hint = likely === undefined ? "" : `, did you mean \`${likely}:${name}\`?`;
  const reason = `is read by nobody: its namespace is neither \`${own}\` nor that of a package${hint}`;
  if (likely === undefined) return [broken([key], reason, by(remove([key])))];
  const right = `${likely}:${name}`;
  const move =
    likely === own && name in values
      ? `In the stack file, move what stands below \`${key}\` to \`${right}\`, and take \`${key}\` away.`
      : `In the stack file, write \`${right}\` in the place of \`${key}\`.`;
  return [broken([key], reason, by(edit(move)), or("without it", remove([key])))];
}
