/**
 * Loads test files and the product's files anew as often as needed, and packages once: what a mutant changes while a
 * file is loaded shows in a fresh copy of the files alone.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const suite = new URL("./suite.ts", import.meta.url).href;
const stripped = new Map<string, string>();

/** Imports files of one folder, each round from nothing. */
export class Modules {
  readonly #folder: string;
  #round = 0;

  constructor(folder: string) {
    this.#folder = `${pathToFileURL(folder).href}/`;
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === "@jest/globals") return { url: suite, shortCircuit: true };
        const resolved = next(specifier, context);
        if (!this.#isOurs(resolved.url)) return resolved;
        return { ...resolved, url: `${resolved.url.replace(/\?.*/, "")}?round=${this.#round}` };
      },
      load: (url, context, next) => {
        if (!this.#isOurs(url) || !/\.ts(\?|$)/.test(url)) return next(url, context);
        return { format: "module", source: withoutTypes(fileURLToPath(url)), shortCircuit: true };
      },
    });
  }

  /** Forgets what was loaded. */
  startOver(): void {
    this.#round += 1;
  }

  load(file: string): Promise<unknown> {
    return import(pathToFileURL(file).href);
  }

  #isOurs(url: string): boolean {
    return url.startsWith(this.#folder) && !url.includes("/node_modules/");
  }
}

function withoutTypes(file: string): string {
  const known = stripped.get(file);
  if (known !== undefined) return known;
  const text = stripTypeScriptTypes(readFileSync(file, "utf8"));
  stripped.set(file, text);
  return text;
}

const imports = new Map<string, readonly string[]>();

/** Files of the product and of the tests that a file imports itself. */
export function importsOf(file: string): readonly string[] {
  const known = imports.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, "utf8");
  // At the beginning of a line: tests hold code in texts, too.
  const found = [...text.matchAll(/(?:^(?:import|export|\}).*? from|\bimport\()\s*"(\.[^"]+\.ts)"/gm)].map(
    ([, path = ""]) => join(dirname(file), path),
  );
  imports.set(file, found);
  return found;
}

/** Everything that a file needs, itself included. */
export function reachedFrom(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const each of importsOf(file)) reachedFrom(each, seen);
  return seen;
}
