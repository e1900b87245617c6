/** An API server for rules of admission, and kubectl on it as an administrator. */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";

export interface KubectlAnswer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class AdmissionBench {
  readonly #plane: ControlPlane;
  readonly #kubectl: string;

  private constructor(plane: ControlPlane, kubectl: string) {
    this.#plane = plane;
    this.#kubectl = kubectl;
  }

  static async start(): Promise<AdmissionBench> {
    const tools = await ensureToolchain();
    const plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
    return new AdmissionBench(plane, tools.path("kubectl"));
  }

  /** Runs kubectl. @param input an object for its standard input */
  run(args: readonly string[], input?: object): KubectlAnswer {
    return spawnSync(this.#kubectl, ["--kubeconfig", this.#plane.kubeconfig, ...args], {
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
      encoding: "utf8",
      timeout: 30_000,
    });
  }

  /** @throws Error with what kubectl wrote when it does not succeed */
  apply(object: object): void {
    const { status, stderr } = this.run(["apply", "--server-side", "-f", "-"], object);
    if (status !== 0) throw new Error(stderr);
  }

  /** The API server takes a moment to read new rules. */
  async inForce(holds: () => boolean): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error("the policy is not in force");
      await sleep(100);
    }
  }

  async stop(): Promise<void> {
    await this.#plane.stop();
  }
}
