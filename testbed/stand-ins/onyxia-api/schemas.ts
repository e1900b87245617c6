/** Schema overrides, from the folder that they are mounted to. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { Refusal } from "./refusal.ts";

/** The JSON files by path below the folder. Links are not followed, so a folder that is a mounted ConfigMap is empty. */
export function readSchemas(folder: string): ReadonlyMap<string, unknown> {
  const schemas = new Map<string, unknown>();
  for (const file of filesBelow(folder)) {
    const name = relative(folder, file);
    try {
      schemas.set(name, JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
      throw new Refusal("schemas", `${file} is not JSON that can be read`, { cause: error });
    }
  }
  return schemas;
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : entry.isFile() && path.endsWith(".json") ? [path] : [];
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Refusal("schemas", `the folder ${folder} cannot be read`, { cause: error });
  }
}
