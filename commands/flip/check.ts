/** Checks a stack file as the program does. */
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import type { Fix } from "../../stacks/settings/cures.ts";
import type { Problem } from "../../stacks/settings/problems.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { StackFile } from "../../stacks/settings/stack-file.ts";
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
export function isRemoval({ cures, path }: Problem): boolean {
  const [fix, ...others] = cures.flatMap(({ fixes }) => fixes);
  return others.length === 0 && fix?.do === "remove" && yamlPath(fix.path) === yamlPath(path);
}

/** A fix that puts a value somewhere. */
export type Setting = Extract<Fix, { readonly do: "set" | "ask" }>;

/** What the usual cure sets first. */
export function firstSetting({ cures }: Pick<Problem, "cures">): Setting | undefined {
  return cures[0]?.fixes.find((fix): fix is Setting => fix.do === "set" || fix.do === "ask");
}
