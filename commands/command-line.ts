/** Reads the options of every command: all mistakes at once, near misses named, no password repeated. */
import { parseArgs } from "node:util";

import { closest } from "../stacks/settings/near-misses.ts";

/** The options of a command, as `parseArgs` of Node takes them. */
export type KnownOptions = Readonly<
  Record<string, { readonly type: "string" | "boolean"; readonly short?: string; readonly multiple?: boolean }>
>;

/** What was typed. */
export interface CommandLine<Name extends string> {
  /** The value of an option; undefined where it was not given. */
  readonly text: (name: Name) => string | undefined;
  /** The values of an option that may stand there several times. */
  readonly all: (name: Name) => readonly string[];
  readonly has: (name: Name) => boolean;
  /** What is no option, for commands that take such. */
  readonly positionals: readonly string[];
  /** Mistakes, to which a command adds its own. */
  readonly problems: string[];
}

/** @param options.positionals whether the command takes words that are no options @default false */
export function readCommandLine<const Known extends KnownOptions>(
  args: readonly string[],
  known: Known,
  options: { readonly positionals?: boolean } = {},
): CommandLine<keyof Known & string> {
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  const problems: string[] = [];
  let afterPassword = false;
  const { tokens } = parseArgs({ args: [...args], options: { ...known }, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") {
      // What follows such an option may be the password itself.
      if (afterPassword) afterPassword = false;
      else if (options.positionals === true) positionals.push(token.value);
      else problems.push(`"${token.value}" is not an option`);
    }
    if (token.kind !== "option") continue;
    afterPassword = isPassword(token.rawName);
    const { name, rawName, value } = token;
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined) problems.push(unknownOption(rawName, Object.keys(known)));
    else if (option.type === "boolean") {
      values.set(name, []);
      if (value !== undefined) problems.push(`${rawName} takes no value`);
    } else if (value === undefined || value === "") problems.push(`${rawName} needs a value`);
    else if (value.startsWith("-") && !token.inlineValue) problems.push(`${rawName} needs a value, not ${value}`);
    else if (values.has(name) && option.multiple !== true) problems.push(`${rawName} stands there twice`);
    else values.set(name, [...(values.get(name) ?? []), value]);
  }
  const all = (name: string) => values.get(name) ?? [];
  return { text: (name) => all(name)[0], all, has: (name) => values.has(name), positionals, problems };
}

function isPassword(option: string): boolean {
  return /^--?p(assword)?$/.test(option);
}

function unknownOption(option: string, known: readonly string[]): string {
  if (isPassword(option)) {
    return `${option} is not an option: others could read it on the command line. Set DATALAB_PASSWORD, or type it when asked`;
  }
  const likely = closest(option.replace(/^-+/, ""), known);
  return `${option} is not an option${likely === undefined ? "" : `, did you mean --${likely}?`}`;
}
