/** Programs of images, built with the go client from pinned modules. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { goEnvironment } from "../toolchain/go.ts";
import { goFlags, linkFlags } from "../toolchain/key.ts";
import { run } from "../toolchain/run.ts";
import { publish } from "../toolchain/store.ts";
import type { Workshop } from "./layer.ts";

/** How a program is built. */
export interface GoProgram {
  readonly name: string;
  readonly version: string;
  /** What, beside this, determines the result, as a text. */
  readonly identity: string;
  /** Puts go.mod, go.sum and sources into an empty folder. */
  readonly prepare: (folder: string, go: GoRun) => Promise<void>;
  readonly package: string;
  /** Values stamped into variables by the linker. */
  readonly stamps?: Readonly<Record<string, string>>;
}

/** Runs a program in a folder, with the environment of the build. */
export type GoRun = (command: string, args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv) => Promise<string>;

/** Path of the program, from the cache or built now. */
export async function ensureGoProgram(program: GoProgram, workshop: Workshop): Promise<string> {
  const { name, version, identity, stamps = {} } = program;
  const variables = Object.entries(stamps).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = [...goFlags, `-ldflags=${[...linkFlags, ...variables].join(" ")}`];
  const key = createHash("sha256")
    .update(JSON.stringify([process.arch, identity, program.package, flags]))
    .digest("hex")
    .slice(0, 12);
  const folder = join(workshop.cache, "programs", `${name}-${version}-${key}`);
  if (!existsSync(folder)) {
    await workshop.progress.follow(`building ${name} ${version}`, () => build(program, flags, folder, workshop));
  }
  return join(folder, name);
}

async function build(program: GoProgram, flags: readonly string[], folder: string, workshop: Workshop): Promise<void> {
  const place = await mkdtemp(join(workshop.scratch, `${program.name}-`));
  const sources = join(place, "go");
  const draft = join(place, "draft");
  await mkdir(sources);
  await mkdir(draft);
  const go: GoRun = (command, args, cwd, env = {}) =>
    run(command, args, { cwd, env: { ...goEnvironment(place), ...env }, signal: workshop.signal });
  await program.prepare(sources, go);
  await go("go", ["build", ...flags, "-o", join(draft, program.name), program.package], sources);
  publish(draft, folder);
  await rm(place, { recursive: true, force: true });
}
