/** Commands that make a switch real. */
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import type { Path } from "../../stacks/settings/cures.ts";
import type { Arguments, Change } from "./arguments.ts";

/** What is done to the settings. */
export interface Edits {
  readonly changes: readonly Change[];
  readonly removals: readonly Path[];
}

/** Which stack, and which file of settings if not its usual one. */
export type Target = Pick<Arguments, "stack" | "configFile">;

/** The commands that change the stack file as the preview assumed. */
export function settingCommands(target: Target, { changes, removals }: Edits): string[] {
  const config = `pulumi config ${stackFlags(target)}`;
  return [
    ...removals.map((path) => `${config} rm --path ${quoted(yamlPath(path))}`),
    ...changes.map(({ path, value, secret }) => {
      const setting = quoted(yamlPath(path));
      if (secret) return `${config} set --secret --path ${setting}`;
      return `${config} set ${looksTyped(value) ? "--type string " : ""}--path ${setting} -- ${quoted(String(value))}`;
    }),
  ];
}

/** A text that `pulumi config set` would take for a number or a truth value. */
function looksTyped(value: Change["value"]): boolean {
  return typeof value === "string" && /^(true|false|-?\d+)$/.test(value);
}

/** The command that lifts the protection of a resource. */
export function unprotectCommand(stack: string, urn: string): string {
  return `pulumi state unprotect --stack ${quoted(stack)} ${quoted(urn)}`;
}

/**
 * The commands that let AWS and the API server give away what they guard themselves, which `pulumi state unprotect` cannot.
 * Nothing else loses its protection.
 *
 * @param own what the stack file says about protection; undefined where it says nothing
 */
export function releaseCommands(target: Target, urns: readonly string[], own: boolean | undefined): string[] {
  if (urns.length === 0) return [];
  const config = `pulumi config ${stackFlags(target)}`;
  const setting = quoted(yamlPath(protection));
  return [
    `${config} set --path ${setting} -- false`,
    `${upCommand(target)} ${urns.map((urn) => `--target ${quoted(urn)}`).join(" ")}`,
    own === undefined ? `${config} rm --path ${setting}` : `${config} set --path ${setting} -- ${String(own)}`,
  ];
}

/** The setting by which the program protects data. */
export const protection: Path = ["platform", "protectData"];

/** The command that makes the switch. */
export function upCommand(target: Target): string {
  return `pulumi up ${stackFlags(target)}`;
}

/** The flags that name the target. */
export function stackFlags({ stack, configFile }: Target): string {
  return `--stack ${quoted(stack)}${configFile === undefined ? "" : ` --config-file ${quoted(configFile)}`}`;
}

/** A word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
