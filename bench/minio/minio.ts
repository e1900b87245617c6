/**
 * A MinIO-compatible server and its client, for tests that want a real one. Both are started as programs of their own:
 * their licence (AGPL) does not reach the platform, and nothing of them is handed on.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { withInterrupt } from "../toolchain/interrupt.ts";
import { withLock } from "../toolchain/lock.ts";
import { obtainAll } from "../toolchain/obtain.ts";
import { parseMode, plan } from "../toolchain/plan.ts";
import { defaultProgress } from "../toolchain/progress.ts";
import type { Recipe } from "../toolchain/recipes.ts";
import { cachedNames, cacheDirectory, fileName, itemsOf } from "../toolchain/store.ts";

/** Absolute paths of the programs. */
export interface MinioPrograms {
  readonly server: string;
  readonly client: string;
}

const goFolder = join(import.meta.dirname, "go");

// One group for both: they share most of their modules. Nobody publishes these programs any more.
const recipes = [
  recipe("minio", "0.0.0-20260212201848-7aac2a2c5b7c"),
  recipe("mc", "0.0.0-20250313080218-cf909e1063a9"),
] as const;

/** Makes sure that server and client are in the user's cache: built once from pinned Go modules, in about three minutes. */
export async function ensureMinio(): Promise<MinioPrograms> {
  const cache = cacheDirectory(process.env);
  const items = itemsOf(recipes, goFolder, cache);
  if (cachedNames(items).size < items.length) await withInterrupt(undefined, (signal) => install(cache, signal));
  const [server = "", client = ""] = items.map((item) => join(item.folder, fileName(item.recipe)));
  return { server, client };
}

async function install(cache: string, signal: AbortSignal): Promise<void> {
  const mode = parseMode(process.env["DATALAB_TOOLCHAIN"]);
  const items = itemsOf(recipes, goFolder, cache);
  const progress = defaultProgress();
  const scratch = join(cache, "tmp-minio");
  mkdirSync(cache, { recursive: true });
  const onWait = ({ pid, since }: { readonly pid: number; readonly since: string }): void => {
    progress.note(`Waiting for process ${pid}, which has been building the object store's programs since ${since}.`);
  };
  await withLock(join(cache, "lock-minio"), { signal, onWait }, async () => {
    const steps = plan(recipes, { cached: cachedNames(items), mode, online: false });
    try {
      await obtainAll(steps, items, { goFolder, scratch, signal, progress });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

function recipe(name: "minio" | "mc", version: string): Recipe {
  return {
    name,
    version,
    group: "minio",
    sources: [],
    build: { kind: "program", package: `github.com/minio/${name}` },
  };
}
