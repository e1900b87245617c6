import { createHash } from "node:crypto";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PlatformError } from "../errors.ts";
import type { ChartVersion } from "../versions.ts";
import { chartArchive } from "./archive.ts";
import { cacheFolder, keep, readCached } from "./cache.ts";
import { type KubernetesObject, withoutDescriptions } from "./objects.ts";

/** What is to be rendered. Plain values only: a preview renders it before anything exists. */
export interface ChartRequest {
  readonly chart: ChartVersion;
  /** A directory that holds the archive, or an `oci://` prefix. @default upstream's own archive */
  readonly mirror?: string | undefined;
  /** Becomes part of the objects' names and labels. */
  readonly releaseName: string;
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The objects of a chart, for `PinnedChart`. */
export interface RenderedChart {
  readonly chart: ChartVersion;
  readonly objects: readonly KubernetesObject[];
}

/** Charts are rendered for this version whatever cluster they go to, so that a preview is the same without one. */
const kubernetesVersion = "v1.34.0";
/** Part of the cache's key: raise it when the same request shall give other objects. */
const format = 1;

/**
 * Renders charts with the Helm inside the Kubernetes plugin, and without a cluster.
 *
 * It happens before the graph is built, so that the objects of a chart are ordinary resources from the first preview on
 * (docs/adr/0004-charts.md).
 *
 * @example
 * ```ts
 * const renderer = new ChartRenderer("charts");
 * const rendered = await renderer.render(request);
 * ```
 */
export class ChartRenderer extends pulumi.ComponentResource {
  readonly #provider: k8s.Provider;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:charts:ChartRenderer", name, {}, opts);
    // An empty kubeconfig: this instance of the plugin never talks to a cluster.
    this.#provider = new k8s.Provider(`${name}-offline`, { kubeconfig: "{}" }, { parent: this });
    this.registerOutputs({});
  }

  /** Gets the archive, checks its digest and renders it; the objects are kept for the next run. */
  async render(request: ChartRequest): Promise<RenderedChart> {
    const archive = await chartArchive(request.chart, request.mirror);
    const { releaseName, namespace, values } = request;
    const options = { release_name: releaseName, namespace, values, kube_version: kubernetesVersion };
    const name = `${digestOf([format, archive.digest, options])}.json`;
    const cached = await readCached(name);
    if (cached !== undefined) return rendered(request, JSON.parse(cached.toString()) as KubernetesObject[]);
    const objects = await this.#template({ ...options, path: archive.folder, chart: archive.file });
    // Where nothing can be kept, it is rendered each time.
    await keep(name, JSON.stringify(objects)).catch(() => undefined);
    return rendered(request, objects);
  }

  /** Why helm cannot render an archive with its own values; undefined when it can. @param digest of the archive */
  async failureOf(archive: Buffer, digest: string): Promise<string | undefined> {
    const file = `${digest.replace(":", "-")}.tgz`;
    await keep(file, archive);
    const options = { release_name: "chart", namespace: "default", kube_version: kubernetesVersion };
    try {
      await this.#template({ ...options, values: {}, path: cacheFolder, chart: file });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #template(options: object): Promise<KubernetesObject[]> {
    const answer = (await pulumi.runtime.invoke(
      "kubernetes:helm:template",
      { jsonOpts: JSON.stringify(options) },
      { provider: this.#provider },
    )) as { result: KubernetesObject[] };
    return answer.result.map(withoutDescriptions);
  }
}

function rendered({ chart }: ChartRequest, objects: readonly KubernetesObject[]): RenderedChart {
  if (objects.length > 0) return { chart, objects };
  throw new PlatformError(`Chart ${chart.name} ${chart.version} renders no object.`, "Check its values.");
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
