import { run } from "../../toolchain/run.ts";
import { base } from "../base.ts";
import { filesLayer } from "../files.ts";
import { ensureLayer, type LayerRecipe } from "../layer.ts";
import { type ImageRecipe, type Ingredients, searchPath } from "../recipe.ts";
import { ensureStartupapicheck } from "./startupapicheck.ts";

/**
 * Addresses that the original programs listen on when they are told nothing, and that the chart's probes and Services
 * rely on. The toolchain's program listens nowhere unless told, because several of it run side by side on one machine.
 * @see https://github.com/cert-manager/cert-manager/blob/v1.21.2/internal/apis/config/controller/v1alpha1/defaults.go
 */
const defaults = {
  controller: ["--metrics-listen-address=0.0.0.0:9402", "--healthz-listen-address=0.0.0.0:9403"],
  webhook: ["--metrics-listen-address=0.0.0.0:9402", "--healthz-port=6080"],
  cainjector: ["--metrics-listen-address=0.0.0.0:9402"],
} as const;

/** Certificates of the public CAs, and nothing else: upstream's images hold no shell and no system. */
const certificates: LayerRecipe = {
  name: "certificates",
  identity: base.identity,
  fill: async (tree, workshop) => {
    const { file } = await ensureLayer(base, workshop);
    await run("tar", ["-C", tree, "-xpf", file, "./etc/ssl/certs/ca-certificates.crt"], { signal: workshop.signal });
    await run("chmod", ["-R", "u=rwX,go=rX", tree], { signal: workshop.signal });
  },
};

/**
 * One of cert-manager's servers. Leader election is left out: one pod of each runs.
 * @see https://github.com/cert-manager/cert-manager/tree/v1.21.2/hack/containers
 */
export function certManagerImage(
  program: keyof typeof defaults,
  { toolchain }: Pick<Ingredients, "toolchain">,
): Promise<ImageRecipe> {
  // The pod's arguments follow.
  return programImage(program, toolchain.path("cert-manager"), [program, ...defaults[program]]);
}

/** The chart's last Job. */
export async function startupapicheckImage({ workshop }: Pick<Ingredients, "workshop">): Promise<ImageRecipe> {
  return programImage("startupapicheck", await ensureStartupapicheck(workshop), []);
}

async function programImage(name: string, from: string, args: readonly string[]): Promise<ImageRecipe> {
  const path = `/app/cmd/${name}/${name}`;
  return {
    layers: [
      certificates,
      await filesLayer(`cert-manager-${name}`, {
        [path]: { kind: "file", from },
        "/etc/passwd": { kind: "text", text: "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n" },
        "/tmp": { kind: "folder", mode: 0o1777 },
      }),
    ],
    config: {
      User: "1000",
      Env: [`PATH=${searchPath}`, "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
      Entrypoint: [path, ...args],
    },
  };
}
