/** The program of the chart's last Job, which asks for a certificate until the webhook answers. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import { images } from "../../../components/versions.ts";
import { digestOf, type Workshop } from "../layer.ts";
import { ensureGoProgram } from "../go-program.ts";

/** Its modules are those of cert-manager's other programs. */
const modules = join(import.meta.dirname, "../../toolchain/go/kubernetes");
const sources = [
  join(import.meta.dirname, "startupapicheck/main.go"),
  join(modules, "go.mod"),
  join(modules, "go.sum"),
];

/** The program from the cache, or built now. */
export async function ensureStartupapicheck(workshop: Workshop): Promise<string> {
  return ensureGoProgram(
    {
      name: "startupapicheck",
      version: images.certManagerStartupapicheck.tag,
      identity: JSON.stringify(await Promise.all(sources.map(digestOf))),
      prepare: async (folder) => {
        for (const file of sources) await copyFile(file, join(folder, file.split("/").at(-1) ?? ""));
      },
      package: ".",
    },
    workshop,
  );
}
