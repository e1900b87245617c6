/** INSEE's interactive charts as tests/facts/insee-charts.json records them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { KubernetesObject } from "../facts/reduced-object.ts";
import { isSchema, type Schema } from "./resolved-schema.ts";

interface RecordedChart {
  readonly version: string;
  /** Schema files by the property that asks for them, as `security.networkPolicy`. */
  readonly schemas: Readonly<Record<string, string>>;
  /** Places in the list of objects. */
  readonly objects: readonly number[];
  readonly opened: readonly number[];
}

interface Facts {
  readonly source: { readonly repository: string; readonly commit: string; readonly date: string };
  readonly charts: Readonly<Record<string, RecordedChart>>;
  readonly objects: readonly KubernetesObject[];
}

const facts = JSON.parse(readFileSync(join(import.meta.dirname, "../facts/insee-charts.json"), "utf8")) as Facts;

export const recordedCharts: readonly string[] = Object.keys(facts.charts);

export function recordedChart(name: string): RecordedChart {
  const chart = facts.charts[name];
  if (chart === undefined) throw new Error(`no chart ${name} is recorded`);
  return chart;
}

export interface Launch {
  readonly namespace: string;
  /** Domain of the services. */
  readonly domain: string;
  /** @default the chart's name and the number that the form gives */
  readonly release?: string;
  /** Two user ports and an allow-list of addresses. @default false */
  readonly opened?: boolean;
}

/**
 * The objects of a launch with what the form proposes, as Kubernetes takes them. Texts are empty and programs are left
 * out, so what runs in the pods is the image's own.
 */
export function recordedObjects(name: string, launch: Launch): KubernetesObject[] {
  const { version, objects, opened } = recordedChart(name);
  const release = launch.release ?? `${name}-117896`;
  const { namespace, domain } = launch;
  const words: Record<string, string> = { namespace, domain, release, chart: name, version };
  const chosen = objects.map((number) => facts.objects[number]!);
  const more = launch.opened === true ? opened.map((number) => facts.objects[number]!) : [];
  // What changes with the ports takes the place of its namesake.
  const kept = chosen.filter((object) => !more.some((other) => identity(other) === identity(object)));
  return [...kept, ...more].map((object) => {
    const filled = JSON.parse(
      JSON.stringify(object).replaceAll(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole),
    ) as KubernetesObject;
    const { metadata } = filled;
    return { ...filled, metadata: { ...(isSchema(metadata) ? metadata : {}), namespace } };
  });
}

const identity = ({ kind, metadata }: KubernetesObject) => JSON.stringify([kind, (metadata as Schema)["name"]]);

/** The pod that a controller would make of a workload, or nothing for other kinds. */
export function podOf(workload: KubernetesObject): KubernetesObject | undefined {
  const { metadata, spec } = workload as { metadata?: Schema; spec?: Schema };
  const template = spec?.["template"];
  if (!isSchema(template)) return undefined;
  const { name, namespace } = metadata ?? {};
  const own = isSchema(template["metadata"]) ? template["metadata"] : {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...own, name: `${String(name)}-0`, namespace },
    spec: template["spec"],
  };
}
