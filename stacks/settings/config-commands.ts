/** Writes down changes of a stack file in the form that the Pulumi CLI takes. */
import { type Fix, type Form, isSecret, type Path, type Value } from "./cures.ts";

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
 */
export function setCommand(path: Path, value: Value, form?: Form): string {
  const text = String(value);
  const asText = form === "text" || (form === undefined && typeof value === "string" && looksTyped(value));
  const flag = isSecret(path, form) ? "--secret " : asText ? "--type string " : "";
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

/** The command, or the sentence where there is none. */
export function lineOf(fix: Fix): string {
  switch (fix.do) {
    case "set":
      return setCommand(fix.path, fix.value, fix.form);
    case "ask":
      return setCommand(fix.path, `<${fix.what}>`, fix.form);
    case "remove":
      return removeCommand(fix.path);
    case "edit":
      return fix.sentence;
  }
}

/** A text that `pulumi config set --path` would take for a truth value or a number. */
export function looksTyped(text: string): boolean {
  return /^(true|false|[-+]?\d+)$/.test(text) && !/^0\d/.test(text);
}

/** A word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
