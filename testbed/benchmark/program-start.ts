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
export async function programStart(session: Session, folder: string): Promise<Comparison[]> {
  const index = join(checkout, "index.ts");
  const program = importsOf(await readFile(index, "utf8")).map((specifier) =>
    specifier.startsWith(".") ? new URL(specifier, pathToFileURL(index)).href : specifier,
  );
  const cache = { NODE_COMPILE_CACHE: join(folder, "node-compile-cache") };
  const noCache = { NODE_DISABLE_COMPILE_CACHE: "1" };
  // Only stacks with a part on AWS load it (stacks/load-aws.ts).
  const onAws = [...program, pathToFileURL(join(checkout, "stacks/aws.ts")).href];
  const loads = {
    "program, cached": new Load(program, cache),
    "on AWS, cached": new Load(onAws, cache),
    "packages, cached": new Load(packages, cache),
    program: new Load(program, noCache),
    packages: new Load(packages, noCache),
  };
  // These fill the caches, Node's and the system's.
  for (const load of Object.values(loads)) await load.run();
  const samples = await alternate(
    session,
    "Program start",
    {
      "program, cached": () => loads["program, cached"].run(),
      "on AWS, cached": () => loads["on AWS, cached"].run(),
      "packages, cached": () => loads["packages, cached"].run(),
      program: () => loads.program.run(),
      packages: () => loads.packages.run(),
    },
    // They are short, so they can be repeated more often.
    session.runs * 3,
  );
  const side = (what: string, name: keyof typeof loads) => ({
    what,
    milliseconds: samples[name],
    memory: loads[name].memory,
  });
  return [
    {
      title: "Program start, with Node's compile cache",
      sides: [side("what index.ts imports", "program, cached"), side("Pulumi's packages alone", "packages, cached")],
    },
    {
      title: "Program start of a stack on AWS, with Node's compile cache",
      sides: [side("with the parts on AWS", "on AWS, cached"), side("what index.ts imports", "program, cached")],
    },
    {
      title: "Program start, without it",
      sides: [side("what index.ts imports", "program"), side("Pulumi's packages alone", "packages")],
    },
  ];
}

/** The modules that a program imports for their values. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(/^import (?!type\b)[^"]*"([^"]+)";$/gm)].map(([, specifier]) => specifier ?? "");
}

/** Loading some modules, again and again. */
class Load {
  /** The highest peak so far, in MiB. */
  memory = 0;
  readonly #args: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;

  constructor(modules: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#args = [join(import.meta.dirname, "load.ts"), ...modules];
    this.#environment = { ...process.env, ...environment };
  }

  /** Milliseconds from the start of the process to its end. */
  async run(): Promise<number> {
    const begin = performance.now();
    const { stdout } = await promisify(execFile)(process.execPath, this.#args, { env: this.#environment });
    const milliseconds = performance.now() - begin;
    this.memory = Math.max(this.memory, Number(stdout) / 1024);
    return milliseconds;
  }
}
