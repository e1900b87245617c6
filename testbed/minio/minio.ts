/**
 * A MinIO-compatible server and its client, for tests that want a real one. Both are started as programs of their own:
 * their licence (AGPL) does not reach the platform, and nothing of them is handed on.
 */
import { join } from "node:path";

import { ensurePrograms } from "../toolchain/programs.ts";
import type { Recipe } from "../toolchain/recipes.ts";

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
  const programs = await ensurePrograms({ name: "minio", recipes, goFolder });
  return { server: programs.get("minio") ?? "", client: programs.get("mc") ?? "" };
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
