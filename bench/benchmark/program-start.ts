import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { checkout } from "../engine/dev-stack.ts";
import { alternate, type Session } from "./alternate.ts";
import type { Comparison } from "./report.ts";

/** What any program needs that manages such objects. */
const packages = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random", "@pulumi/tls"];

/** Loads everything that index.ts imports, in a process of its own each time. */
export async function programStart(session: Session, folder: string): Promise<Comparison> {
  const index = join(checkout, "index.ts");
  const modules = importsOf(await readFile(index, "utf8")).map((path) => new URL(path, pathToFileURL(index)).href);
  const cached = { NODE_COMPILE_CACHE: join(folder, "node-compile-cache") };
  const program = side(modules, cached);
  const uncached = side(modules, { NODE_DISABLE_COMPILE_CACHE: "1" });
  const bare = side(packages, cached);
  // These fill the caches, Node's and the system's.
  for (const { sample } of [program, uncached, bare]) await sample();
  // They are short, so they can be repeated more often.
  const samples = await alternate(
    session,
    "Program start",
    { program: program.sample, "without cache": uncached.sample, packages: bare.sample },
    session.runs * 3,
  );
  return {
    title: "Program start: loading what index.ts imports",
    sides: [
      { what: "with Node's compile cache", milliseconds: samples.program, memory: program.memory() },
      { what: "without it", milliseconds: samples["without cache"], memory: uncached.memory() },
      { what: "Pulumi's packages alone, with it", milliseconds: samples.packages, memory: bare.memory() },
    ],
  };
}

/** The modules of its own that a program imports for their values. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(/^import (?!type\b)[^"]*"(\.[^"]+)";$/gm)].map(([, path]) => path ?? "");
}

function side(modules: readonly string[], environment: Readonly<Record<string, string>>) {
  let peak = 0;
  const env = { ...process.env, ...environment };
  const args = [join(import.meta.dirname, "load.ts"), ...modules];
  return {
    sample: async () => {
      const begin = performance.now();
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: checkout, env });
      const milliseconds = performance.now() - begin;
      peak = Math.max(peak, Number(stdout) / 1024);
      return milliseconds;
    },
    memory: () => peak,
  };
}
