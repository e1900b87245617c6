import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { withLock } from "./lock.ts";
import { obtainAll } from "./obtain.ts";
import { parseMode, plan, type Mode, type Step } from "./plan.ts";
import { defaultProgress, lineProgress } from "./progress.ts";
import { canDownload } from "./reachable.ts";
import { recipes, type ToolName } from "./recipes.ts";
import {
  assemble,
  cachedNames,
  cacheDirectory,
  clearScratch,
  isAssembled,
  itemsOf,
  linkPath,
  toolchainFolder,
  type Item,
} from "./store.ts";
import { withInterrupt } from "./interrupt.ts";

export { ToolchainError, ToolchainInterrupted } from "./errors.ts";
export { toolNames, type ToolName } from "./recipes.ts";
export type { Mode } from "./plan.ts";

/** A finished set of tools. */
export interface Toolchain {
  /** The folder that holds nothing but this set. */
  readonly directory: string;
  /** The absolute path of a tool. */
  path(tool: ToolName): string;
  /** A directory with the packaged charts (`cert-manager-v….tgz`). */
  readonly charts: string;
  /** What the environment of a process must hold, beside its own, to run `pulumi` and the other tools by name. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ToolchainOptions {
  /** Receives progress as plain lines; by default standard error shows it. Nothing is said when nothing is to be done. */
  readonly report?: (line: string) => void;
  /** Ends the installation. By default Ctrl-C and SIGTERM do. */
  readonly signal?: AbortSignal;
  /** By default the variable DATALAB_TOOLCHAIN. */
  readonly mode?: Mode;
}

const goFolder = join(import.meta.dirname, "go");
const languageHost = join(import.meta.dirname, "..", "language-host", "main.ts");

/**
 * Makes sure that every tool is there, and returns them. Tools in the user's cache are taken from it; the others are downloaded where the
 * internet is reachable, else built from pinned Go modules.
 *
 * @throws ToolchainError if the tools cannot be had; its message says how to cure that.
 * @throws ToolchainInterrupted if it was cut short; the next call goes on with what is missing.
 */
export async function ensureToolchain(options: ToolchainOptions = {}): Promise<Toolchain> {
  const mode = options.mode ?? parseMode(process.env["DATALAB_TOOLCHAIN"]);
  const cache = cacheDirectory(process.env);
  const items = itemsOf(recipes, goFolder, cache);
  const folder = toolchainFolder(items, cache);
  if (!isAssembled(items, folder)) {
    await withInterrupt(options.signal, (signal) => install(items, folder, cache, { ...options, mode, signal }));
  }
  return describeToolchain(items, folder);
}

/** How each item would be obtained now. */
export async function planToolchain(signal: AbortSignal): Promise<readonly Step[]> {
  const items = itemsOf(recipes, goFolder, cacheDirectory(process.env));
  return planItems(items, parseMode(process.env["DATALAB_TOOLCHAIN"]), signal);
}

async function planItems(items: readonly Item[], mode: Mode, signal: AbortSignal): Promise<readonly Step[]> {
  const cached = cachedNames(items);
  const online = mode === "auto" && cached.size < items.length && (await canDownload(signal));
  return plan(recipes, { cached, mode, online });
}

interface InstallOptions extends ToolchainOptions {
  readonly mode: Mode;
  readonly signal: AbortSignal;
}

async function install(items: readonly Item[], folder: string, cache: string, options: InstallOptions): Promise<void> {
  const { mode, signal } = options;
  const progress = options.report === undefined ? defaultProgress() : lineProgress(options.report);
  const scratch = join(cache, "tmp");
  mkdirSync(cache, { recursive: true });
  await withLock(
    join(cache, "lock"),
    {
      signal,
      onWait: ({ pid, since }) => {
        progress.note(`Waiting for process ${pid}, which has been installing the toolchain since ${since}.`);
      },
    },
    async () => {
      // By the one that was waited for. Somebody may use it by now.
      if (isAssembled(items, folder)) return;
      // What an interrupted run left; nobody else is at work while we hold the lock.
      await clearScratch(scratch);
      const steps = await planItems(items, mode, signal);
      try {
        await obtainAll(steps, items, { goFolder, scratch, signal, progress });
        assemble(items, folder, join(scratch, "toolchain"));
      } finally {
        await clearScratch(scratch);
      }
    },
  );
}

function describeToolchain(items: readonly Item[], directory: string): Toolchain {
  const paths = new Map<string, string>(items.map(({ recipe }) => [recipe.name, join(directory, linkPath(recipe))]));
  return {
    directory,
    path: (tool) => paths.get(tool) ?? "",
    charts: join(directory, "charts"),
    environment: {
      PATH: [join(directory, "bin"), process.env["PATH"]].join(delimiter),
      // Its plugins lie there. It also keeps logins there: the user's own are left alone.
      PULUMI_HOME: join(directory, "pulumi"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The plugins are complete; looking for others would only wait for a network that may not be there.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      DATALAB_NODE: process.execPath,
      DATALAB_LANGUAGE_HOST: languageHost,
    },
  };
}
