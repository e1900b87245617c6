/** INSEE's charts and the API's schemas, read from bare clones of their repositories. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import type { Schema } from "../support/resolved-schema.ts";

const library = "library-chart";

/** A bare clone; everything is read as of one commit. */
export class Clone {
  readonly #folder: string;
  readonly #commit: string;

  constructor(folder: string, commit = "HEAD") {
    this.#folder = folder;
    this.#commit = commit;
  }

  #git(...args: readonly string[]): string {
    return execFileSync("git", ["-C", this.#folder, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
  }

  /** Commit and day, for the record. */
  source(): { commit: string; date: string } {
    const [commit = "", date = ""] = this.#git("log", "-1", "--format=%H %cs", this.#commit).trim().split(" ");
    return { commit, date };
  }

  names(folder: string): string[] {
    return this.#git("ls-tree", "--name-only", `${this.#commit}:${folder}`).split("\n").filter(Boolean);
  }

  files(folder: string): string[] {
    return this.#git("ls-tree", "-r", "--name-only", `${this.#commit}:${folder}`).split("\n").filter(Boolean);
  }

  text(path: string, commit = this.#commit): string {
    return this.#git("show", `${commit}:${path}`);
  }

  /** Writes a folder of the repository into `target`. */
  extract(folder: string, target: string, commit = this.#commit): void {
    mkdirSync(target, { recursive: true });
    const archive = execFileSync("git", ["-C", this.#folder, "archive", `${commit}:${folder}`], { maxBuffer: 2 ** 26 });
    execFileSync("tar", ["-x", "-C", target], { input: archive });
  }

  /** Newest commit in which a chart had a version. */
  commitOf(chart: string, version: string): string {
    const path = `charts/${chart}/Chart.yaml`;
    const commits = this.#git("log", "--format=%H", this.#commit, "--", path).split("\n").filter(Boolean);
    const found = commits.find((commit) => chartFile(this.text(path, commit)).version === version);
    if (found === undefined) throw new Error(`${chart} ${version} is not in the repository`);
    return found;
  }
}

interface ChartFile {
  readonly version: string;
  readonly dependencies?: readonly { readonly name: string; readonly version: string }[];
}

const chartFile = (text: string) => parse(text) as ChartFile;

/** A chart, unpacked and complete. */
export interface Chart {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly schema: Schema;
  readonly defaults: Schema;
}

/** Unpacks all charts that people can launch, each with the library it asks for. */
export function unpackCharts(clone: Clone, folder: string): Chart[] {
  return clone
    .names("charts")
    .filter((name) => name !== library)
    .map((name) => {
      const target = join(folder, name);
      clone.extract(`charts/${name}`, target);
      const { version, dependencies = [] } = chartFile(clone.text(`charts/${name}/Chart.yaml`));
      for (const needed of dependencies) {
        clone.extract(
          `charts/${needed.name}`,
          join(target, "charts", needed.name),
          clone.commitOf(needed.name, needed.version),
        );
      }
      return {
        name,
        version,
        folder: target,
        schema: JSON.parse(clone.text(`charts/${name}/values.schema.json`)) as Schema,
        defaults: parse(clone.text(`charts/${name}/values.yaml`)) as Schema,
      };
    });
}

/** The API's own schemas, by name. */
export function apiSchemas(clone: Clone): Record<string, string> {
  const folder = "onyxia-api/src/main/resources/schemas";
  return Object.fromEntries(clone.files(folder).map((name) => [name, clone.text(`${folder}/${name}`)]));
}
