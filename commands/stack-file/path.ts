/** Which file a stack's settings are in. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * @param given another file than that of the project
 * @param project folder of the project, in which stack files lie
 * @param problems gets a sentence where there is no such file
 */
export function stackFilePath(stack: string, given: string | undefined, project: string, problems: string[]): string {
  if (stack === "") problems.push("-s <stack> is missing");
  // A stack of Pulumi's cloud may be written as organisation/project/stack.
  const file = resolve(given ?? join(project, `Pulumi.${stack.split("/").at(-1) ?? ""}.yaml`));
  if (existsSync(file) || (stack === "" && given === undefined)) return file;
  const others = readdirSync(project).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  problems.push(`there is no ${file}${given === undefined ? `; stacks here: ${others.join(", ")}` : ""}`);
  return file;
}
