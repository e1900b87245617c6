/** Scripts of the platform's pods, run beside a real Keycloak as their pods run them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import type { KeycloakServer } from "../../testbed/keycloak/server.ts";
import { kcadmEnvironment } from "../../components/identity/kcadm-pod.ts";

export interface KeycloakScript {
  readonly server: KeycloakServer;
  /** Folder of Keycloak's distribution. */
  readonly distribution: string;
  readonly realm: string;
  /** Secret of the platform's client. */
  readonly secret: string;
  /** Files of each folder that the script is told of, by its variable. */
  readonly mounts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where the script lies, as `<variable>/<file>`. */
  readonly script: string;
}

/** Runs the script to its end. */
export async function runKeycloakScript(options: KeycloakScript): Promise<{ code: number; output: string }> {
  const { server, distribution, realm, secret, mounts, script } = options;
  const folder = await mkdtemp(join(server.folder, "job-"));
  for (const [mount, files] of Object.entries(mounts)) {
    await mkdir(join(folder, mount));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, mount, name), content);
  }
  const child = spawn("bash", [join(folder, script)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      ...kcadmEnvironment({ url: server.url, home: distribution, realm }),
      ...Object.fromEntries(Object.keys(mounts).map((mount) => [mount, join(folder, mount)])),
      KC_CLI_CLIENT_SECRET: secret,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text: Buffer) => {
      output += text.toString();
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, output };
}
