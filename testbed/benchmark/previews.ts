import type { Engine } from "../engine/engine.ts";
import { alternate, type Session } from "./alternate.ts";
import { withPeakMemory } from "./memory.ts";
import { configMaps, isManaged, objectsOf, renamedDefinitions, type KubernetesObject } from "./objects.ts";
import type { Comparison } from "./report.ts";
import { bareStack, platformStack, succeeded, timeOf, type Surroundings } from "./stacks.ts";

/** testbed/docs/benchmark.md */
const target = 1.3;

/** Previews of what does not exist yet, on a cluster that cannot be reached. */
export async function firstPreview(session: Session, around: Surroundings, kubeconfig: string): Promise<Comparison> {
  const platform = await platformStack(around, "first-preview", kubeconfig);
  const { result, memory } = await withPeakMemory(100, () => platform.preview());
  const resources = succeeded(result).steps;
  const count = resources.filter(isManaged).length;
  const objects = objectsOf(resources);
  const filled = [...objects, ...configMaps(count - objects.length, "plain")];
  const same = await bareStack(around, "first-preview-same", kubeconfig, filled);
  const bare = await bareStack(around, "first-preview-bare", kubeconfig, configMaps(count, "plain"));
  const memories = { same: await memoryOf(same), bare: await memoryOf(bare) };
  const samples = await alternate(session, "First preview", {
    platform: () => timeOf(platform.preview()),
    "the same objects": () => timeOf(same.preview()),
    "plain objects": () => timeOf(bare.preview()),
  });
  const beside = resources.length - count;
  return {
    title: "First preview, the cluster cannot be reached",
    sides: [
      { what: `the platform: ${count} objects, ${beside} around them`, milliseconds: samples.platform, memory },
      { what: "its objects in a bare program", milliseconds: samples["the same objects"], memory: memories.same },
      { what: plain(count), milliseconds: samples["plain objects"], memory: memories.bare },
    ],
  };
}

const unchanged = { flags: ["--expect-no-changes"] };

/** Previews of what is installed, without any change. */
export async function unchangedPreview(
  session: Session,
  around: Surroundings,
  kubeconfig: string,
  platform: Engine,
  count: number,
  objects: readonly KubernetesObject[],
): Promise<Comparison> {
  const definitions = renamedDefinitions(objects);
  const filled = [...definitions, ...configMaps(count - definitions.length, "mixed")];
  const mixed = await bareStack(around, "bare-definitions", kubeconfig, filled);
  const bare = await bareStack(around, "bare", kubeconfig, configMaps(count, "plain"));
  session.say("Installing the plain objects for comparison …");
  for (const engine of [mixed, bare]) succeeded(await engine.up());

  const memories = { platform: await memoryOf(platform), mixed: await memoryOf(mixed), bare: await memoryOf(bare) };
  const samples = await alternate(session, "Preview without changes", {
    platform: () => timeOf(platform.preview(unchanged)),
    "with CRDs": () => timeOf(mixed.preview(unchanged)),
    "plain objects": () => timeOf(bare.preview(unchanged)),
  });
  return {
    title: "Preview without changes",
    sides: [
      { what: "the platform", milliseconds: samples.platform, memory: memories.platform, target },
      {
        what: `${definitions.length} CRDs like the chart's and ${count - definitions.length} ConfigMaps`,
        milliseconds: samples["with CRDs"],
        memory: memories.mixed,
      },
      { what: plain(count), milliseconds: samples["plain objects"], memory: memories.bare },
    ],
  };
}

function plain(count: number): string {
  return `${count} ConfigMaps in a bare program`;
}

/** Measured in a run that is not timed; it also fills caches. */
async function memoryOf(engine: Engine): Promise<number | undefined> {
  const { result, memory } = await withPeakMemory(100, () => engine.preview());
  succeeded(result);
  return memory;
}
