import { existsSync } from "node:fs";
import { chmod, mkdtemp } from "node:fs/promises";
import { join } from "node:path";

import { images } from "../../../components/versions.ts";
import { run } from "../../toolchain/run.ts";
import { publish } from "../../toolchain/store.ts";
import { base, onlyProgramsOf } from "../base.ts";
import { filesLayer } from "../files.ts";
import { java } from "../java.ts";
import type { LayerRecipe, Workshop } from "../layer.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";

const version = images.keycloak.tag;
const home = "/opt/keycloak";
const user = 1000;

/** User and group as upstream's; the group of root may write, for platforms that choose the user. */
const distribution: LayerRecipe = {
  name: "keycloak",
  identity: JSON.stringify([1, version]),
  fill: async (tree, workshop) => {
    const target = join(tree, home);
    const { signal } = workshop;
    await run("mkdir", ["-p", join(target, "data")], { signal });
    await run("cp", ["-r", `${await ensureRelease(workshop)}/.`, target], { signal });
    await run("chown", ["-R", `${user}:0`, target], { signal });
    await run("chmod", ["-R", "g+rwX", target], { signal });
    await chmod(join(tree, "opt"), 0o755);
  },
};

/**
 * Upstream has bash, the core tools, and those that its own scripts need: nothing that fetches or that knows JSON.
 * @see https://github.com/keycloak/keycloak/blob/main/quarkus/container/Dockerfile
 */
export async function keycloakImage(): Promise<ImageRecipe> {
  return {
    layers: [
      base,
      java,
      onlyProgramsOf("keycloak-programs", ["bash", "coreutils", "findutils", "grep", "libc-bin", "sed"]),
      distribution,
      await filesLayer("keycloak-user", {
        "/etc/passwd": {
          kind: "text",
          text: `root:x:0:0:root:/root:/bin/bash\nkeycloak:x:${user}:0:keycloak user:${home}:/sbin/nologin\n`,
        },
        "/etc/group": { kind: "text", text: "root:x:0:\nkeycloak:x:0:root\n" },
      }),
    ],
    config: {
      User: String(user),
      Env: [`PATH=${searchPath}`, "LANG=en_US.UTF-8", "KC_RUN_IN_CONTAINER=true"],
      Entrypoint: [`${home}/bin/kc.sh`],
      ExposedPorts: { "8080/tcp": {}, "8443/tcp": {}, "9000/tcp": {} },
    },
  };
}

/** The distribution as released, by the ordinary Maven client: not yet built for any database, like upstream's image. */
async function ensureRelease({ cache, scratch, signal }: Workshop): Promise<string> {
  const folder = join(cache, "programs", `keycloak-${version}`);
  if (existsSync(folder)) return folder;
  const place = await mkdtemp(join(scratch, "keycloak-"));
  await run(
    "mvn",
    [
      ...["-B", "-q", "dependency:unpack"],
      `-Dartifact=org.keycloak:keycloak-quarkus-dist:${version}:zip`,
      `-DoutputDirectory=${place}`,
      `-DmarkersDirectory=${join(place, "markers")}`,
    ],
    { cwd: place, signal },
  );
  const release = join(place, `keycloak-${version}`);
  for (const script of ["kc.sh", "kcadm.sh", "kcreg.sh"]) await chmod(join(release, "bin", script), 0o755);
  publish(release, folder);
  return folder;
}
