/** The launcher with helm and wget, against a real API server with the platform's rules. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureHelm } from "../../testbed/helm/helm.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import type { LauncherPlaces } from "../../components/portal/launcher-options.ts";
import { portalPolicyName } from "../../components/portal/portal-policy.ts";
import { installLauncher, launcherPlaces } from "./launcher.ts";
import { clusterRules, type KubernetesObject, onboarding, portalUser } from "./workspaces.ts";

/** How a program ended. */
export interface Answer {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export class LauncherBench {
  readonly plane: ControlPlane;
  readonly kubectl: string;
  readonly places: LauncherPlaces;
  /** The launcher's path. */
  readonly launcher: string;

  private constructor(plane: ControlPlane, kubectl: string, helm: string) {
    this.plane = plane;
    this.kubectl = kubectl;
    this.places = launcherPlaces(plane.folder, plane.server, helm);
    this.launcher = installLauncher(plane.folder, this.places);
  }

  /** A control plane with the platform's rules in force, and workspaces as Onyxia makes them. */
  static async start(workspaces: readonly string[]): Promise<LauncherBench> {
    const [tools, helm] = [await ensureToolchain(), await ensureHelm()];
    const plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
    const bench = new LauncherBench(plane, tools.path("kubectl"), helm);
    done(bench.admin(["create", "namespace", "datalab-portal"]));
    done(bench.admin(["-n", "datalab-portal", "create", "serviceaccount", "onyxia-api"]));
    bench.apply(...clusterRules());
    bench.write("account/token", done(bench.admin(["-n", "datalab-portal", "create", "token", "onyxia-api"])).trim());
    bench.write("account/ca.crt", authority(plane));
    const probe = ["create", "namespace", "probe", "--dry-run=server"];
    await until(() => bench.as(portalUser, probe).errors, portalPolicyName);
    for (const namespace of workspaces) {
      done(bench.as(portalUser, ["apply", "-f", "-"], list(onboarding(namespace))));
    }
    return bench;
  }

  async stop(): Promise<void> {
    await this.plane.stop();
  }

  /** A command line of Onyxia's API. @param path `PATH` of the launcher */
  helm(line: string, path?: string): Answer {
    return run("sh", [this.launcher, ...line.split(" ")], "", this.#environment(path));
  }

  /** The same without waiting. */
  async helmBeside(line: string): Promise<Answer> {
    const child = spawn("sh", [this.launcher, ...line.split(" ")], { env: this.#environment() });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, output, errors };
  }

  #environment(path = process.env["PATH"] ?? ""): NodeJS.ProcessEnv {
    return { PATH: path, HOME: this.plane.folder, TMPDIR: this.plane.folder };
  }

  /** kubectl with all rights. */
  admin(args: readonly string[], input?: string): Answer {
    return run(this.kubectl, ["--kubeconfig", this.plane.kubeconfig, ...args], input);
  }

  as(user: string, args: readonly string[], input?: string): Answer {
    return this.admin(["--as", user, ...args], input);
  }

  apply(...objects: readonly KubernetesObject[]): void {
    done(this.admin(["apply", "--server-side", "--force-conflicts", "--validate=false", "-f", "-"], list(objects)));
  }

  /** Writes a file of the bench's folder. */
  write(path: string, text: string | Buffer): void {
    const file = join(this.plane.folder, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  }
}

function run(program: string, args: readonly string[], input = "", env: NodeJS.ProcessEnv = process.env): Answer {
  const { status, stdout, stderr } = spawnSync(program, args, { input, env, encoding: "utf8", timeout: 100_000 });
  return { code: status, output: stdout, errors: stderr };
}

/** The output of what went well. */
export function done({ code, output, errors }: Answer): string {
  expect({ code, errors: code === 0 ? "" : errors }).toEqual({ code: 0, errors: "" });
  return output;
}

export function list(items: readonly KubernetesObject[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** Looks until it sees what is expected. */
export async function until(look: () => string, expected: string | RegExp): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const seen = look();
    if (typeof expected === "string" ? seen.includes(expected) : expected.test(seen)) return;
    if (Date.now() > deadline) throw new Error(`${String(expected)} is not in: ${seen}`);
    await sleep(200);
  }
}

function authority(plane: ControlPlane): string {
  const { clusters } = JSON.parse(readFileSync(plane.kubeconfig, "utf8")) as {
    clusters: [{ cluster: Record<string, string> }];
  };
  const { "certificate-authority-data": data = "" } = clusters[0].cluster;
  return Buffer.from(data, "base64").toString("utf8");
}
