/** helm, as the image of Onyxia's API holds it: launches are tried with the very program that makes them. */
import { join } from "node:path";

import { ensurePrograms } from "../toolchain/programs.ts";
import type { Recipe } from "../toolchain/recipes.ts";

/**
 * The version in upstream's image.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/Dockerfile
 */
const version = "4.1.4";

const recipe: Recipe = {
  name: "helm",
  version,
  group: "helm",
  sources: [],
  build: {
    kind: "program",
    package: "helm.sh/helm/v4/cmd/helm",
    // Charts ask for it, and Onyxia's API reads it when it starts.
    stamps: { "helm.sh/helm/v4/internal/version.version": `v${version}` },
  },
};

/** Makes sure that helm is in the user's cache, built once from pinned Go modules, and returns its absolute path. */
export async function ensureHelm(): Promise<string> {
  const programs = await ensurePrograms({
    name: "helm",
    recipes: [recipe],
    goFolder: join(import.meta.dirname, "go"),
  });
  return programs.get("helm") ?? "";
}
