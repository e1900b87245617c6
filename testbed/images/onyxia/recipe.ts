import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { ensureHelm } from "../../helm/helm.ts";
import { addition, base } from "../base.ts";
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

/** As in upstream's image: GNU's, for a script in the pod that talks to Kubernetes. */
const wget = addition("wget", ["wget"]);

/** The one package that the API's stand-in is written with; Node finds it above the program's folder. */
const yaml = dirname(dirname(createRequire(import.meta.url).resolve("yaml")));

/**
 * Stand-in for the API. Upstream's image is a Java runtime with helm and wget; the pod uses its `keytool` and its trust
 * store, and whatever is mounted at `/usr/local/sbin/helm` comes before helm itself.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/Dockerfile
 */
export async function onyxiaApiImage(): Promise<ImageRecipe> {
  const home = "/opt/java/openjdk";
  return {
    layers: [
      base,
      java,
      wget,
      await node(),
      await filesLayer("helm", { "/usr/local/bin/helm": { kind: "file", from: await ensureHelm() } }),
      await standIn("onyxia-api", {
        "/app/node_modules/yaml": { kind: "tree", from: yaml },
        [home]: { kind: "link", to: javaHome },
        "/var/cache/onyxia": { kind: "folder", owner: [101, 101] },
      }),
    ],
    config: {
      User: user,
      Env: [
        `PATH=${home}/bin:${searchPath}`,
        `JAVA_HOME=${home}`,
        "LANG=en_US.UTF-8",
        "HOME=/var/cache/onyxia",
        "CACERTS_DIR=/usr/local/share/ca-certificates",
      ],
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
