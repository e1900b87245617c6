/**
 * The life of each service of INSEE's interactive catalogue: the launcher and helm with the command lines of Onyxia's
 * API, on a real API server with the platform's rules. The charts are as they are recorded, with the names they have.
 */
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { commandLines } from "../support/launcher.ts";
import { done, LauncherBench, until } from "../support/launcher-bench.ts";
import { recordedCharts, recordedObjects } from "../support/recorded-charts.ts";
import { recordedRelease } from "../support/recorded-release.ts";

// helm asks for every object, one after the other.
jest.setTimeout(180_000);

const namespace = "user-bob";
const domain = "lab.example.test";

let bench: LauncherBench;

beforeAll(async () => {
  bench = await LauncherBench.start([namespace]);
}, 300_000);

afterAll(async () => {
  await bench.stop();
}, 60_000);

/** Charts of the same program; each family is one release, because each call of helm takes seconds. */
const families = [...new Set(recordedCharts.map((name) => name.split("-")[0]!))];

describe("are launched, paused, resumed, changed and removed, every chart of", () => {
  it.each(families)("%s", async (family) => {
    const names = recordedCharts.filter((name) => name.split("-")[0] === family);
    const objects = names.flatMap((name) => recordedObjects(name, { namespace, domain }));
    // The launcher takes those of charts out.
    const running = objects.filter(({ kind }) => kind !== "NetworkPolicy");
    const paused = running.filter(({ kind }) => kind !== "Ingress");
    const release = `${family}-117896-all`;
    const chart = join(bench.plane.folder, family);
    for (const [path, text] of Object.entries(recordedRelease(family, objects))) bench.write(join(family, path), text);
    const values = join(bench.plane.folder, `${family}.yaml`);
    const launch = (note: string) => {
      bench.write(`${family}.yaml`, JSON.stringify({ note }));
      done(bench.helm(commandLines.launch(release, chart, namespace, values)));
    };
    launch("first");
    expect(found()).toEqual({ objects: named(running), pods: names.map(() => "1 first") });
    done(bench.helm(commandLines.suspend(release, chart, namespace, true)));
    expect(found()).toEqual({ objects: named(paused), pods: names.map(() => "0 first") });
    // Resumed with a change.
    launch("second");
    expect(found()).toEqual({ objects: named(running), pods: names.map(() => "1 second") });
    done(bench.helm(commandLines.uninstall(release, namespace)));
    // Volumes and pods go when their controllers have looked.
    await until(() => found().objects.join(), /^$/);
  });
});

/** Kinds and names, in order. */
function named(objects: readonly { readonly kind?: unknown; readonly metadata?: unknown }[]): string[] {
  return objects
    .map(({ kind, metadata }) => `${String(kind)} ${(metadata as { readonly name: string }).name}`)
    .toSorted();
}

interface Found {
  readonly kind: string;
  readonly metadata: object;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata: { readonly annotations?: { readonly note?: string } } };
  };
}

/** What helm has put into the workspace, and for each workload how many pods it wants and the note of its settings. */
function found(): { readonly objects: string[]; readonly pods: string[] } {
  const kinds =
    "statefulsets,deployments,services,ingresses,secrets,serviceaccounts,persistentvolumeclaims,rolebindings";
  const selector = ["--selector", "app.kubernetes.io/managed-by=Helm"];
  const text = done(bench.admin(["-n", namespace, "get", `${kinds},networkpolicies`, ...selector, "-o", "json"]));
  const { items } = JSON.parse(text) as { items: Found[] };
  const pods = items.flatMap(({ spec }) =>
    spec?.template === undefined ? [] : [`${spec.replicas ?? 1} ${spec.template.metadata.annotations?.note ?? ""}`],
  );
  return { objects: named(items), pods };
}
