/** Images, charts and versions that change, with the pages of their releases. */
import { type ChartVersion, charts, type Image, images as pinned } from "../../../components/versions.ts";
import type { Difference } from "../change.ts";
import { type Graph, nameOf } from "../graph.ts";
import { listAt, objectAt, textAt } from "../inputs.ts";
import { type Block, code, type Inline, line, listed, type Section, type Text } from "../page.ts";
import { type Retired, retired } from "../retired.ts";
import type { Inputs } from "../../flip/engine-events.ts";

export interface VersionChange {
  readonly what: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Page of the releases; undefined where none is known. */
  readonly source: string | undefined;
}

export interface Versions {
  readonly changes: readonly VersionChange[];
  /** Images without a digest that this change brings in. */
  readonly unpinned: readonly string[];
  readonly retired: readonly (Omit<Retired, "image"> & { readonly image: string })[];
}

export function versionsOf({ before, after }: Difference): Versions {
  const [old, next] = [versionsIn(before), versionsIn(after)];
  const differing = [...new Set([...old.keys(), ...next.keys()])].filter((what) => old.get(what) !== next.get(what));
  const [were, are] = [imagesIn(before), imagesIn(after)];
  const news = [...are].filter((image) => !were.has(image)).toSorted();
  return {
    changes: differing.toSorted().map((what) => ({
      what,
      before: old.get(what),
      after: next.get(what),
      source: sourceOf(what),
    })),
    unpinned: news.filter((image) => !image.includes("@sha256:")),
    retired: news.flatMap((image) => retired.filter((one) => one.image.test(image)).map((one) => ({ ...one, image }))),
  };
}

/** Versions by what they are of; several at once are told together. */
function versionsIn(graph: Graph): Map<string, string> {
  const found = new Map<string, Set<string>>();
  const add = (what: string, version: string) => found.set(what, (found.get(what) ?? new Set()).add(version));
  for (const image of imagesIn(graph)) {
    const [, repository = image, version = "latest"] = /^(.+?)(?::([^:/@]+))?(?:@.*)?$/.exec(image) ?? [];
    const digest = /@sha256:([0-9a-f]{12})/.exec(image)?.[1];
    add(`image ${repository}`, digest === undefined ? version : `${version} (${digest}…)`);
  }
  for (const { type, inputs, urn } of graph.values()) {
    const chart = textAt(objectAt(objectAt(inputs, "metadata"), "labels"), "helm.sh/chart");
    if (chart !== undefined) add(`chart ${chart.replace(/-v?\d.*$/, "")}`, /-(v?\d.*)$/.exec(chart)?.[1] ?? chart);
    if (type === "aws:eks/cluster:Cluster") add("Kubernetes on EKS", textAt(inputs, "version") ?? "AWS's default");
    if (type === "aws:eks/addon:Addon")
      add(`add-on ${textAt(inputs, "addonName") ?? nameOf(urn)}`, textAt(inputs, "addonVersion") ?? "AWS's default");
  }
  return new Map([...found].map(([what, versions]) => [what, [...versions].toSorted().join(", ")]));
}

function imagesIn(graph: Graph): Set<string> {
  return new Set(
    [...graph.values()].flatMap(({ inputs }) => containersOf(inputs).flatMap((one) => textAt(one, "image") ?? [])),
  );
}

/** Containers of an object with a pod template, wherever its kind keeps it. */
export function containersOf(inputs: Inputs): Inputs[] {
  const spec = objectAt(inputs, "spec");
  const job = objectAt(objectAt(spec, "jobTemplate"), "spec");
  const pods = [objectAt(objectAt(spec, "template"), "spec"), objectAt(objectAt(job, "template"), "spec")];
  return pods.flatMap((pod) => [...listAt(pod, "containers"), ...listAt(pod, "initContainers")]);
}

/** The pinned version whose name it ends with: a mirror stands before it. */
function sourceOf(what: string): string | undefined {
  const name = what.replace(/^\w+ /, "");
  const image = Object.values<Image>(pinned).find(({ repository }) =>
    name.endsWith(repository.replace(/^[^/]+\//, "")),
  );
  const chart = Object.values<ChartVersion>(charts).find((one) => one.name === name);
  if (what.startsWith("Kubernetes")) return "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html";
  return what.startsWith("chart") ? chart?.source : what.startsWith("image") ? image?.source : undefined;
}

export function versionsSection({ changes, unpinned, retired: frozen }: Versions): Section {
  const rows = changes.map(({ what, before, after, source }): Text[] => [
    [code(what)],
    [before ?? "(none)"],
    [after ?? "(none)"],
    source === undefined ? [] : [{ link: "releases", to: source }],
  ]);
  const blocks: Block[] = rows.length === 0 ? [] : [{ kind: "table", head: ["what", "before", "after", "read"], rows }];
  if (unpinned.length > 0) {
    blocks.push({
      kind: "text",
      text: line`New, and without a digest: ${listed(unpinned.map(code))}. A tag can be moved to another image.`,
    });
  }
  for (const { image, what, since, source } of frozen) {
    const link: Inline = { link: "source", to: source };
    blocks.push({
      kind: "text",
      text: line`${{ strong: "Retired:" }} ${code(image)}. ${what} (since ${since}, ${link}).`,
    });
  }
  return {
    id: "versions",
    title: "Images, charts and versions",
    blocks,
    nothing: ["the same images, charts and versions"],
  };
}
