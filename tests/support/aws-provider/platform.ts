/** The prod stack in an AWS account of its own: the real engine, a real API server behind the cluster's endpoint. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { controlPlaneTools, startControlPlane } from "../../../testbed/control-plane/control-plane.ts";
import { checkout } from "../../../testbed/engine/dev-stack.ts";
import { type Engine, openEngine } from "../../../testbed/engine/engine.ts";
import { ensureToolchain } from "../../../testbed/toolchain/toolchain.ts";
import { objectsOf, runKubectl } from "../kubectl.ts";
import { changeStackFile, type StackConfig } from "../platform.ts";
import type { Account } from "./account.ts";
import { type AcmeServer, startAcmeServer } from "./acme.ts";
import { recordedAws } from "./install.ts";

export interface AwsPlatform {
  readonly engine: Engine;
  readonly account: Account;
  readonly acme: AcmeServer;
  /** Changes the stack file. */
  configure(change: (config: StackConfig) => void): void;
  /** Runs kubectl as an administrator. */
  kubectl(...args: string[]): Promise<string>;
  /** Objects of a kind, in all namespaces. */
  objects<T>(kind: string): Promise<T[]>;
  stop(): Promise<void>;
}

/** Opens the prod stack with an empty state and an empty account. */
export async function startAwsPlatform(): Promise<AwsPlatform> {
  const folder = mkdtempSync(join(tmpdir(), "datalab-aws-"));
  const toolchain = await ensureToolchain({ report: () => undefined });
  const acme = await startAcmeServer("acme-v02.api.letsencrypt.org", folder);
  const controlPlane = await startControlPlane({
    folder: join(folder, "control-plane"),
    tools: controlPlaneTools(toolchain),
    owned: true,
    environment: acme.environment,
  });
  const aws = recordedAws(join(folder, "aws"), controlPlane.kubeconfig);

  const stackFile = join(folder, "Pulumi.prod.yaml");
  const withCharts = (config: StackConfig) => {
    const certManager = { chart: { mirror: toolchain.charts } };
    config["datalab:certificates"] = { ...config["datalab:certificates"], certManager };
  };
  changeStackFile(stackFile, withCharts, join(checkout, "Pulumi.prod.yaml"));
  const project = { project: checkout, stack: "prod", stackFile };
  const state = join(folder, "state");
  const engine = await openEngine({ toolchain, state, ...project, ...aws.engine, checkpoints: false });

  const place = { toolchain, folder, kubeconfig: controlPlane.kubeconfig };
  return {
    engine,
    account: aws.account,
    acme,
    configure: (change) => {
      changeStackFile(stackFile, change);
    },
    kubectl: (...args) => runKubectl(place, args),
    objects: (kind) => objectsOf(place, kind),
    stop: async () => {
      await controlPlane.stop();
      await acme.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
