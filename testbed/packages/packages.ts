/**
 * The package server, and the programs that people publish and install with, from the index that the machine's own pip asks.
 * Nothing is installed on the machine.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import { images } from "../../components/versions.ts";
import type { Workshop } from "../images/layer.ts";
import { inWorkshop } from "../images/workshop.ts";
import { run } from "../toolchain/run.ts";
import { findProgram } from "../toolchain/search-path.ts";
import { cacheDirectory, publish } from "../toolchain/store.ts";

/** What people have on their machines and in notebooks; `setuptools` and `build` make a package of a folder. */
const clients = ["build==1.6.1", "pip==26.3", "setuptools==83.0.0", "twine==7.0.0", "uv==0.13.9"];

const python = "python3";

/** Why there can be none on this machine; undefined when there can. */
export function packageProgramsUnavailable(): string | undefined {
  if (process.platform !== "linux") return "the package server is a program of Linux";
  return findProgram(python, process.env) === undefined ? `packages cannot be had without ${python}` : undefined;
}

/** Makes sure that the server is in the user's cache: its wheel holds one program. @returns its path */
export async function ensurePypiron(workshop?: Workshop): Promise<string> {
  const folder = await ensureInstalled("package server", [`pypiron==${images.pypiron.tag}`], workshop);
  return join(folder, "bin/pypiron");
}

/** Programs that people have. */
export interface PackageClients {
  /** With `-m pip`, `-m twine` or `-m build` behind it. */
  readonly python: string;
  readonly uv: string;
  /** Without it Python does not find its modules. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes sure that they are in the user's cache. */
export async function ensurePackageClients(): Promise<PackageClients> {
  const folder = await ensureInstalled("package clients", clients);
  return {
    python: findProgram(python, process.env) ?? python,
    uv: join(folder, "bin/uv"),
    environment: { PYTHONPATH: folder },
  };
}

/** Makes sure that packages of that index are in the user's cache. @returns the folder that Python finds them in */
export async function ensureInstalled(what: string, packages: readonly string[], workshop?: Workshop): Promise<string> {
  const key = createHash("sha256")
    .update(JSON.stringify([process.arch, packages]))
    .digest("hex")
    .slice(0, 12);
  const folder = join(cacheDirectory(process.env), "packages", `${what.replaceAll(" ", "-")}-${key}`);
  if (existsSync(folder)) return folder;
  const install = (shop: Workshop) => installInto(folder, what, packages, shop);
  await (workshop === undefined ? inWorkshop({}, install) : install(workshop));
  return folder;
}

async function installInto(folder: string, what: string, packages: readonly string[], workshop: Workshop) {
  if (existsSync(folder)) return;
  const draft = join(await mkdtemp(join(workshop.scratch, "packages-")), "tree");
  const pip = ["-m", "pip", "install", "--quiet", "--no-cache-dir", "--root-user-action=ignore", "--target", draft];
  await workshop.progress.follow(`installing ${what}`, () =>
    run(python, [...pip, ...packages], { signal: workshop.signal }),
  );
  publish(draft, folder);
}
