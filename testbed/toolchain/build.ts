import { chmod, copyFile, cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageChart } from "./chart.ts";
import { goEnvironment } from "./go.ts";
import { goFlags, linkFlags } from "./key.ts";
import type { ChartBuild, ProgramBuild, Recipe } from "./recipes.ts";
import { run, type RunOptions } from "./run.ts";
import { fileName } from "./store.ts";

/** Where one item is made. */
export interface Workplace {
  /** Folder of the module groups, which is read only. */
  readonly goFolder: string;
  /** An empty folder for anything that nobody needs afterwards. */
  readonly scratch: string;
  /** An empty folder for the result. */
  readonly result: string;
  readonly signal: AbortSignal;
}

/** Makes the item from its pinned Go modules. */
export async function buildItem(recipe: Recipe, workplace: Workplace): Promise<void> {
  const { build } = recipe;
  const go = await openWorkspace(recipe, workplace);
  if (build.kind === "chart") await buildChart(recipe, build, workplace, go);
  else await buildProgram(recipe, build, workplace, go);
}

/** Fetches the modules that the items need, and no others, so that the build after it need not wait for the network. */
export async function fetchModules(recipes: readonly Recipe[], workplace: Omit<Workplace, "result">): Promise<void> {
  const [first] = recipes;
  if (first === undefined) return;
  const go = await openWorkspace(first, workplace);
  const packages = recipes.flatMap(({ build }) => (build.kind === "program" ? [build.package] : []));
  const tags = recipes.flatMap(({ build }) => (build.kind === "program" ? (build.tags ?? []) : []));
  await run("go", ["list", "-e", "-deps", "-mod=readonly", `-tags=${tags.join(",")}`, "-f", "", ...packages], go);
}

/** A copy of the group's folder: builds never write into the checkout. */
async function openWorkspace(
  recipe: Recipe,
  workplace: Omit<Workplace, "result">,
): Promise<RunOptions & { cwd: string }> {
  const cwd = join(workplace.scratch, recipe.group);
  const temporary = join(workplace.scratch, "tmp");
  await mkdir(temporary, { recursive: true });
  await cp(join(workplace.goFolder, recipe.group), cwd, { recursive: true });
  return { cwd, env: goEnvironment(temporary), signal: workplace.signal };
}

async function buildProgram(
  recipe: Recipe,
  build: ProgramBuild,
  workplace: Workplace,
  go: RunOptions & { cwd: string },
): Promise<void> {
  if (build.embed !== undefined) {
    const { module, file } = build.embed;
    await copyFile(join(await moduleFolder(module, go), file), join(go.cwd, file.split("/").at(-1) ?? file));
  }
  const stamps = Object.entries(build.stamps ?? {}).flatMap(([variable, value]) => ["-X", `${variable}=${value}`]);
  const flags = [
    ...goFlags,
    `-tags=${(build.tags ?? []).join(",")}`,
    `-ldflags=${[...linkFlags, ...stamps].join(" ")}`,
  ];
  await run("go", ["build", ...flags, "-o", join(workplace.result, fileName(recipe)), build.package], go);
  for (const companion of recipe.companions ?? []) {
    await copyFile(join(go.cwd, companion), join(workplace.result, companion));
    await chmod(join(workplace.result, companion), 0o755);
  }
}

async function buildChart(recipe: Recipe, build: ChartBuild, workplace: Workplace, go: RunOptions): Promise<void> {
  const folder = join(await moduleFolder(build.module, go), build.directory);
  await writeFile(join(workplace.result, fileName(recipe)), packageChart(folder, `v${recipe.version}`));
}

/** Where the go client keeps the sources of a module, checked against go.sum. */
async function moduleFolder(module: string, go: RunOptions): Promise<string> {
  const { Dir } = JSON.parse(await run("go", ["mod", "download", "-json", module], go)) as { readonly Dir: string };
  return Dir;
}
