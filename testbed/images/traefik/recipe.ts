import { base } from "../base.ts";
import { filesLayer } from "../files.ts";
import type { Workshop } from "../layer.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";
import { ensureTraefik } from "./build.ts";

/**
 * Upstream's is the program on Alpine, so there is a shell.
 * @see https://github.com/traefik/traefik/blob/v3.7.9/Dockerfile
 */
export async function traefikImage(workshop: Workshop): Promise<ImageRecipe> {
  return {
    layers: [
      base,
      await filesLayer("traefik", {
        "/traefik": { kind: "file", from: await ensureTraefik(workshop) },
      }),
    ],
    config: {
      Env: [`PATH=${searchPath}`],
      Entrypoint: ["/traefik"],
      ExposedPorts: { "80/tcp": {} },
      Volumes: { "/tmp": {} },
    },
  };
}
