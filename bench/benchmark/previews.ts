import type { Engine } from "../engine/engine.ts";
import { alternate, type Session } from "./alternate.ts";
import { withPeakMemory } from "./memory.ts";
import { configMaps, isManaged, renamedDefinitions, type KubernetesObject } from "./objects.ts";
import type { Comparison, Side } from "./report.ts";
import { bareStack, platformStack, succeeded, timeOf, type Surroundings } from "./stacks.ts";

/** docs/benchmark.md */
const target = 1.3;

/** Previews of what does not exist yet, on a cluster that cannot be reached. */
export async function firstPreview(session: Session, around: Surroundings, kubeconfig: string): Promise<Comparison> {
  const platform = await platformStack(around, "first-preview", kubeconfig);
  const { result, memory } = await withPeakMemory(() => platform.preview());
  const resources = succeeded(result).steps;
  const count = resources.filter(isManaged).length;
  const bare = await bareStack(around, "first-preview-bare", kubeconfig, configMaps(count, "plain"));
  const bareMemory = await memoryOf(bare);
  const samples = await alternate(session, "First preview", {
    platform: () => timeOf(platform.preview()),
    "plain objects": () => timeOf(bare.preview()),
  });
  return {
    title: "First preview, the cluster cannot be reached",
    sides: [
      {
        what: `the platform (${count} objects, ${resources.length - count} around them)`,
        milliseconds: samples.platform,
        memory,
      },
      { what: plain(count), milliseconds: samples["plain objects"], memory: bareMemory },
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
  const bare = await bareStack(around, "bare", kubeconfig, configMaps(count, "plain"));
  const mixed = [...definitions, ...configMaps(count - definitions.length, "mixed")];
  const withDefinitions = await bareStack(around, "bare-definitions", kubeconfig, mixed);
  session.say("Installing the plain objects for comparison …");
  for (const engine of [bare, withDefinitions]) succeeded(await engine.up());

  const memory = await memoryOf(platform);
  const sides: Side[] = [];
  const samples = await alternate(session, "Preview without changes", {
    platform: () => timeOf(platform.preview(unchanged)),
    "definitions and plain objects": () => timeOf(withDefinitions.preview(unchanged)),
    "plain objects": () => timeOf(bare.preview(unchanged)),
  });
  sides.push({ what: "the platform", milliseconds: samples.platform, memory, target });
  if (definitions.length > 0) {
    const what = `${plain(count)}, ${definitions.length} of them the chart's CRDs`;
    sides.push({
      what,
      milliseconds: samples["definitions and plain objects"],
      memory: await memoryOf(withDefinitions),
    });
  }
  sides.push({ what: plain(count), milliseconds: samples["plain objects"], memory: await memoryOf(bare) });
  return { title: "Preview without changes", sides };
}

function plain(count: number): string {
  return `as many plain objects (${count})`;
}

/** Measured in a run that is not timed; it also fills caches. */
async function memoryOf(engine: Engine): Promise<number | undefined> {
  const { result, memory } = await withPeakMemory(() => engine.preview());
  succeeded(result);
  return memory;
}
