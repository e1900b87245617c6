/** A throw-away Keycloak on this machine. */
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { freePorts } from "../control-plane/ports.ts";
import { buildEnvironment } from "./distribution.ts";

export interface KeycloakServer {
  /** Address on loopback. */
  readonly url: string;
  /** Folder that goes with the server. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

export interface KeycloakServerOptions {
  /** Folder of the distribution. */
  readonly distribution: string;
  /** Files for the import, by name. */
  readonly imports: Readonly<Record<string, string>>;
  /** Keycloak's options, without the ports. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The server and its folder end with this process, even if that is killed: its end closes the pipe that the shell reads.
 * Job control gives the server a process group of its own, so that its JVM is not forgotten.
 */
const supervise = `
trap '' PIPE
set -m
"$1/bin/kc.sh" start --import-realm </dev/null &
server=$!
while kill -0 "$server"; do
  read -r -t 1
  [[ $? -gt 128 ]] || break
done
kill -9 -- "-$server"
wait
rm -rf "$2"
`;

const startPatience = 300_000;

/** Starts a server and returns when it is ready. */
export async function startKeycloak(options: KeycloakServerOptions): Promise<KeycloakServer> {
  const folder = await mkdtemp(join(tmpdir(), "datalab-keycloak-"));
  const home = join(folder, "home");
  await layOut(options.distribution, home);
  await mountImports(join(home, "data/import"), options.imports);
  const [port = 0, managementPort = 0] = await freePorts(2);
  const child = spawn("bash", ["-c", supervise, "keycloak", home, folder], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      ...(process.env["JAVA_HOME"] === undefined ? {} : { JAVA_HOME: process.env["JAVA_HOME"] }),
      HOME: folder,
      // A short life and other servers beside it: quick to start, small.
      JAVA_OPTS_KC_HEAP: "-Xms64m -Xmx512m",
      JAVA_OPTS_APPEND: "-XX:TieredStopAtLevel=1",
      ...options.environment,
      ...buildEnvironment,
      KC_HTTP_HOST: "127.0.0.1",
      KC_HTTP_PORT: String(port),
      KC_HTTP_MANAGEMENT_PORT: String(managementPort),
    },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-8000);
    });
  }
  const ended = new Promise<void>((done) => {
    child.once("close", () => {
      done();
    });
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(`http://127.0.0.1:${managementPort}/health/ready`, () => child.exitCode ?? child.signalCode);
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${log}`, { cause: error });
  }
  return { url: `http://127.0.0.1:${port}`, folder, stop };
}

async function ready(url: string, exit: () => number | string | null): Promise<void> {
  const deadline = Date.now() + startPatience;
  for (;;) {
    if (exit() !== null) throw new Error("Keycloak ended while it started");
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    if (Date.now() > deadline) throw new Error(`Keycloak was not ready within ${startPatience / 1000} s`);
    await sleep(250);
  }
}

/** The distribution, shared but for what Keycloak writes to or finds itself by. */
async function layOut(distribution: string, home: string): Promise<void> {
  await mkdir(join(home, "lib"), { recursive: true });
  for (const part of ["bin/kc.sh", "lib/quarkus", "lib/quarkus-run.jar"]) {
    await cp(join(distribution, part), join(home, part), { recursive: true });
  }
  for (const part of ["conf", "providers", "themes", "version.txt", "lib/lib", "lib/app"]) {
    await symlink(join(distribution, part), join(home, part));
  }
}

/** The files as a pod sees those of a ConfigMap: links into a hidden folder. */
async function mountImports(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const version = "..2026_01_01";
  await mkdir(join(folder, version), { recursive: true });
  await symlink(version, join(folder, "..data"));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, version, name), content);
    await symlink(join("..data", name), join(folder, name));
  }
}
