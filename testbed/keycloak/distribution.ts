/** Keycloak's own distribution, for tests against the real server. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { images } from "../../components/versions.ts";
import { withLock } from "../toolchain/lock.ts";
import { defaultProgress } from "../toolchain/progress.ts";
import { cacheDirectory, publish } from "../toolchain/store.ts";

const version = images.keycloak.tag;

/** Why there can be no Keycloak on this machine; undefined when there can. */
export function keycloakUnavailable(): string | undefined {
  const missing = [
    ["java", "-version"],
    ["mvn", "-version"],
  ].filter(([program, ...args]) => spawnSync(program ?? "", args, { stdio: "ignore" }).status !== 0);
  if (missing.length === 0) return undefined;
  return `${missing.map(([program]) => program).join(" and ")} not found: Keycloak needs Java 17 and comes by Maven`;
}

/**
 * Folder of the unpacked distribution in the user's cache, built for its development database. The ordinary Maven
 * client brings it; nothing runs when it is there already.
 */
export async function ensureKeycloak(): Promise<string> {
  const parent = join(cacheDirectory(process.env), "keycloak");
  const folder = join(parent, version);
  if (existsSync(folder)) return folder;
  const progress = defaultProgress();
  await mkdir(parent, { recursive: true });
  await withLock(
    join(parent, `${version}.lock`),
    {
      signal: new AbortController().signal,
      onWait: ({ pid }) => {
        progress.note(`Keycloak ${version}: process ${pid} is at it, waiting`);
      },
    },
    async () => {
      if (!existsSync(folder)) await progress.follow(`Keycloak ${version} by Maven`, () => unpack(parent, folder));
    },
  );
  return folder;
}

/** Options that Keycloak builds itself for; a server started with others would build itself anew first. */
export const buildEnvironment = {
  KC_DB: "dev-file",
  KC_CACHE: "local",
  KC_HEALTH_ENABLED: "true",
  KC_METRICS_ENABLED: "true",
} as const;

async function unpack(parent: string, folder: string): Promise<void> {
  const run = promisify(execFile);
  const draft = await mkdtemp(join(parent, "draft-"));
  try {
    const artifact = `org.keycloak:keycloak-quarkus-dist:${version}:zip`;
    await run(
      "mvn",
      [
        "-B",
        "-q",
        "dependency:unpack",
        `-Dartifact=${artifact}`,
        `-DoutputDirectory=${draft}`,
        `-DmarkersDirectory=${join(draft, "markers")}`,
      ],
      { cwd: draft },
    );
    const home = join(draft, `keycloak-${version}`);
    for (const script of ["kc.sh", "kcadm.sh"]) await chmod(join(home, "bin", script), 0o755);
    await run(join(home, "bin/kc.sh"), ["build"], { env: { ...process.env, ...buildEnvironment } });
    publish(home, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
