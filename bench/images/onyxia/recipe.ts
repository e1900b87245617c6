import { createRequire } from "node:module";
import { join } from "node:path";

import { base } from "../base.ts";
import { type Entry, filesLayer } from "../files.ts";
import { java, javaHome } from "../java.ts";
import type { LayerRecipe } from "../layer.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";

const standIns = join(import.meta.dirname, "../../stand-ins");

/** Node, which the stand-ins are written for. It is this project's own. */
function node(): Promise<LayerRecipe> {
  const from = join(createRequire(import.meta.url).resolve("node/package.json"), "../bin/node");
  return filesLayer("node", { "/usr/local/bin/node": { kind: "file", from } });
}

/** A program that stands in for one of Onyxia's, which no package registry holds. */
async function standIn(name: "onyxia-api" | "onyxia-web", more: Readonly<Record<string, Entry>> = {}) {
  return filesLayer(name, {
    ...more,
    [`/app/${name}`]: { kind: "tree", from: join(standIns, name) },
  });
}

const user = "101";

/**
 * Stand-in for the API. Upstream's image is a Java runtime; the pod uses its `keytool` and its trust store.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/Dockerfile
 */
export async function onyxiaApiImage(): Promise<ImageRecipe> {
  const home = "/opt/java/openjdk";
  return {
    layers: [
      base,
      java,
      await node(),
      await standIn("onyxia-api", {
        [home]: { kind: "link", to: javaHome },
        "/var/cache/onyxia": { kind: "folder", owner: [101, 101] },
      }),
    ],
    config: {
      User: user,
      Env: [`PATH=${home}/bin:${searchPath}`, `JAVA_HOME=${home}`, "LANG=en_US.UTF-8", "HOME=/var/cache/onyxia"],
      Entrypoint: ["node", "/app/onyxia-api/main.ts"],
      ExposedPorts: { "8080/tcp": {} },
    },
  };
}

/**
 * Stand-in for the web application. Upstream's image is nginx, which serves what its start script lays out.
 * @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/Dockerfile
 */
export async function onyxiaWebImage(): Promise<ImageRecipe> {
  return {
    layers: [
      base,
      await node(),
      await standIn("onyxia-web", { "/usr/share/nginx/html": { kind: "folder", owner: [101, 101] } }),
    ],
    config: {
      User: user,
      Env: [`PATH=${searchPath}`, "LANG=en_US.UTF-8"],
      Entrypoint: ["node", "/app/onyxia-web/main.ts"],
      ExposedPorts: { "8080/tcp": {} },
    },
  };
}
