/** Writes down what cures a stack file, in the form that the Pulumi CLI takes. */

/** Path into a stack file: first the key of the component, then what lies below it. */
export type Path = readonly (string | number)[];

/** Settings that hold credentials: they must be secrets of the stack file, never plain text. */
export const credentialSettings: readonly Path[] = [
  ["cluster", "kubeconfig"],
  ["certificates", "privateKey"],
  ["identity", "smtp", "password"],
  ["platform", "imagePull", "password"],
];

const word = /^[A-Za-z_][\w-]*$/;

/** Writes a path as `pulumi config set --path` takes it, for example `datalab:identity.firstUsers[0].email`. */
export function yamlPath(path: Path): string {
  return path.reduce<string>((text, part, index) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const quoted = `["${part.replaceAll('"', '\\"')}"]`;
    if (index > 0) return word.test(part) ? `${text}.${part}` : `${text}${quoted}`;
    // A colon is part of a key of another namespace.
    return part.includes(":") ? part : `datalab:${word.test(part) ? part : quoted}`;
  }, "");
}

/**
 * The command that sets one value.
 *
 * @param value an allowed one, or a placeholder in angle brackets
 * @param form `secret`: it is encrypted, as credentials always are; `text`: whatever is written in place of the placeholder stays a text
 */
export function setCommand(path: Path, value: string | number | boolean, form?: "secret" | "text"): string {
  const text = String(value);
  const isCredential = credentialSettings.some((setting) => setting.join("\n") === path.join("\n"));
  const asText = form === "text" || (form === undefined && typeof value === "string" && looksTyped(value));
  const flag = form === "secret" || isCredential ? "--secret " : asText ? "--type string " : "";
  return `pulumi config set ${flag}--path ${quoted(yamlPath(path))} ${text.startsWith("-") ? "-- " : ""}${quoted(text)}`;
}

/** The command that removes one value. */
export function removeCommand(path: Path): string {
  const [key, ...rest] = path;
  // With `--path`, a key with a dot or bracket in its own name would be taken for a path into another key.
  if (rest.length === 0 && typeof key === "string" && !word.test(key))
    return `pulumi config rm ${quoted(key.includes(":") ? key : `datalab:${key}`)}`;
  return `pulumi config rm --path ${quoted(yamlPath(path))}`;
}

/** A text that `pulumi config set --path` would take for a truth value or a number. */
export function looksTyped(text: string): boolean {
  return /^(true|false|[-+]?\d+)$/.test(text) && !/^0\d/.test(text);
}

/** A word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
