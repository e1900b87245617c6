import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** File of a program; undefined where the machine lacks it. */
export function findProgram(name: string, { PATH = "" }: NodeJS.ProcessEnv): string | undefined {
  const files = isAbsolute(name) ? [name] : PATH.split(delimiter).map((folder) => join(folder, name));
  return files.find((file) => existsSync(file));
}
