/** The dev stack on a control plane of its own: the real engine, the real API server, thrown away afterwards. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { type ControlPlane, controlPlaneTools, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { checkout, devStackFile } from "../../testbed/engine/dev-stack.ts";
import { type Engine, openEngine } from "../../testbed/engine/engine.ts";
import { ensureToolchain, type Toolchain } from "../../testbed/toolchain/toolchain.ts";
import { objectsOf, runKubectl } from "./kubectl.ts";

/** The `config` of a stack file. Tests change it in place between operations. */
export type StackConfig = Record<string, Record<string, unknown>>;

export interface Platform {
  readonly engine: Engine;
  readonly controlPlane: ControlPlane;
  readonly toolchain: Toolchain;
  /** Folder for the test's own files; it goes with the platform. */
  readonly folder: string;
  /** Changes the stack file. */
  configure(change: (config: StackConfig) => void): void;
  /** Runs kubectl as an administrator. */
  kubectl(...args: string[]): Promise<string>;
  /** Objects of a kind, in all namespaces. */
  objects<T = KubernetesObject>(kind: string, ...flags: string[]): Promise<T[]>;
  stop(): Promise<void>;
}

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly data?: Record<string, string>;
}

/** Changes a stack file, or makes it from another one. */
export function changeStackFile(file: string, change: (config: StackConfig) => void, from = file): void {
  const document = parse(readFileSync(from, "utf8")) as { config: StackConfig };
  change(document.config);
  writeFileSync(file, stringify(document));
}

/**
 * Starts a control plane and opens the dev stack on it, with an empty state.
 * @param options `checkpoints` for tests that kill operations
 */
export async function startPlatform({ checkpoints = false } = {}): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), "datalab-platform-"));
  const toolchain = await ensureToolchain({ report: () => undefined });
  const tools = controlPlaneTools(toolchain);
  const controlPlane = await startControlPlane({ folder: join(folder, "control-plane"), tools, owned: true });
  const stackFile = join(folder, "Pulumi.dev.yaml");
  writeFileSync(stackFile, devStackFile(controlPlane.kubeconfig, toolchain.charts));
  const engine = await openEngine({
    toolchain,
    state: join(folder, "state"),
    project: checkout,
    stack: "dev",
    stackFile,
    checkpoints,
  });

  const place = { toolchain, folder, kubeconfig: controlPlane.kubeconfig };
  return {
    engine,
    controlPlane,
    toolchain,
    folder,
    kubectl: (...args) => runKubectl(place, args),
    configure: (change) => {
      changeStackFile(stackFile, change);
    },
    objects: (kind, ...flags) => objectsOf(place, kind, ...flags),
    stop: async () => {
      await controlPlane.stop();
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}
