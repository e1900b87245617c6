/** Checks a stack file as the program does. */
import { type Path, type Problem, removeCommand, SettingsError } from "../stacks/problems.ts";
import { parseSettings, type Settings, type StackFile } from "../stacks/settings.ts";
import type { EditableStackFile } from "./stack-file.ts";

/** The settings of a stack file, with secrets in clear. */
export type Reader = (file: EditableStackFile) => StackFile;

/** The settings, or what is wrong with them. */
export interface Checked {
  readonly settings: Settings | undefined;
  readonly problems: readonly Problem[];
}

export function check(file: StackFile): Checked {
  try {
    return { settings: parseSettings(file), problems: [] };
  } catch (error) {
    if (error instanceof SettingsError) return { settings: undefined, problems: error.problems };
    throw error;
  }
}

/** Whether all that helps is to take the setting away: nobody reads it. */
export function isRemoval({ cure, path }: { readonly cure: string; readonly path: Path }): boolean {
  const commands = cure.split("\n").filter((line) => line.includes("pulumi config"));
  return commands.join() === removeCommand(path);
}
