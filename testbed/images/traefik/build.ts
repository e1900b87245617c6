/** Traefik, built from its Go module. */
import { readFileSync } from "node:fs";
import { copyFile, cp } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ImageError } from "../errors.ts";
import { treeDigest } from "../files.ts";
import { ensureGoProgram, type GoRun } from "../go-program.ts";
import type { Workshop } from "../layer.ts";

/** Traefik's library for ACME, as its go.sum names it. */
const lego = {
  module: "github.com/go-acme/lego/v5@v5.2.2",
  sum: "h1:KqFas/Ak2QDdU+Qm7MO9OEnS35zC000kPmM+5tLdZKk=",
};

const goFolder = join(import.meta.dirname, "go");

/** The newest version whose modules are all served; the platform's image is a later patch of it. */
export const traefikVersion =
  /traefik\/traefik\/v3 v(\S+)/.exec(readFileSync(join(goFolder, "go.mod"), "utf8"))?.[1] ?? "";

/** The program from the cache, or built now. */
export async function ensureTraefik(workshop: Workshop): Promise<string> {
  return ensureGoProgram(
    {
      name: "traefik",
      version: traefikVersion,
      identity: JSON.stringify([await treeDigest(goFolder), lego]),
      prepare: async (folder, go) => {
        await cp(goFolder, folder, { recursive: true });
        await legoWithoutDns(join(folder, "lego"), go);
      },
      package: "github.com/traefik/traefik/v3/cmd/traefik",
      stamps: { "github.com/traefik/traefik/v3/pkg/version.Version": traefikVersion },
    },
    workshop,
  );
}

/**
 * Lego's DNS providers bring the libraries of two hundred companies, a third of all that would have to be fetched and
 * compiled. Here, cert-manager gets the certificates.
 */
async function legoWithoutDns(target: string, go: GoRun): Promise<void> {
  // Outside of the module, which replaces it. The sum below is what is trusted: no second opinion from a server is needed.
  const answer = await go("go", ["mod", "download", "-json", lego.module], dirname(dirname(target)), {
    GONOSUMDB: "*",
  });
  const { Dir, Sum } = JSON.parse(answer) as { readonly Dir: string; readonly Sum: string };
  if (Sum !== lego.sum) throw new ImageError(`${lego.module} has the sum ${Sum}, not ${lego.sum}.`);
  // Modules are read-only in Go's cache.
  await go("cp", ["-r", "--no-preserve=mode", Dir, target], dirname(target));
  await copyFile(join(goFolder, "no-dns-providers.go"), join(target, "providers/dns/zz_gen_dns_providers.go"));
}
