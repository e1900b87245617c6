import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import process from "node:process";

/** Undefined where there is no such file. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  if (!existsSync(file)) return undefined;
  return JSON.parse(await readFile(file, "utf8")) as T;
}

/** Readers never see half of it. */
export async function writeJson(file: string, content: object): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(content));
  await rename(draft, file);
}
