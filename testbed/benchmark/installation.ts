import { rm } from "node:fs/promises";
import { join } from "node:path";
import { controlPlaneTools, startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { alternate, type Session } from "./alternate.ts";
import { applyAndWait } from "./kubectl.ts";
import { withPeakMemory } from "./memory.ts";
import { isManaged, type KubernetesObject } from "./objects.ts";
import { unchangedPreview } from "./previews.ts";
import type { Comparison } from "./report.ts";
import { exportObjects, platformStack, succeeded, type Surroundings } from "./stacks.ts";

/** testbed/docs/benchmark.md */
const target = 1.5;

/** Installs the platform on empty clusters, by Pulumi and by kubectl. In between, while the first one stands, its previews are compared. */
export async function installation(session: Session, around: Surroundings): Promise<Comparison[]> {
  let objects: KubernetesObject[] = [];
  let previews: Comparison | undefined;
  let memory: number | undefined;

  const up = (): Promise<number> =>
    onEmptyCluster(around, async ({ kubeconfig }) => {
      const platform = await platformStack(around, "platform", kubeconfig);
      const measured = await withPeakMemory(1000, () => platform.up());
      const { milliseconds, steps } = succeeded(measured.result);
      memory = measured.memory;
      if (previews === undefined) {
        objects = await exportObjects(platform);
        const count = steps.filter(isManaged).length;
        previews = await unchangedPreview(session, around, kubeconfig, platform, count, objects);
      }
      // Its state belongs to a cluster that goes now.
      await rm(join(around.folder, "platform"), { recursive: true });
      return milliseconds;
    });
  const kubectl = (): Promise<number> =>
    onEmptyCluster(around, ({ kubeconfig }) => applyAndWait(around, kubeconfig, objects));

  session.say("Installing the platform on an empty cluster …");
  const samples = await alternate(session, "Installation", { platform: up, kubectl });
  const installed: Comparison = {
    title: "First installation on an empty cluster",
    sides: [
      { what: "pulumi up", milliseconds: samples.platform, memory, target },
      {
        what: `kubectl apply --server-side and wait: its ${objects.length} objects`,
        milliseconds: samples.kubectl,
      },
    ],
  };
  return previews === undefined ? [installed] : [previews, installed];
}

async function onEmptyCluster(
  { toolchain, folder }: Surroundings,
  work: (controlPlane: ControlPlane) => Promise<number>,
): Promise<number> {
  const tools = controlPlaneTools(toolchain);
  const controlPlane = await startControlPlane({ tools, folder: join(folder, "control-plane"), owned: true });
  try {
    return await work(controlPlane);
  } finally {
    await controlPlane.stop();
  }
}
