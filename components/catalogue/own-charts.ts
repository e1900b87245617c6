/** The charts of the program itself. */
import { createHash } from "node:crypto";

import { imageReference } from "../kubernetes/image.ts";
import { images } from "../versions.ts";
import { type Chart, filesOf } from "./chart.ts";
import { jupyterBasic } from "./jupyter-basic.ts";
import type { OwnChartName } from "./names.ts";
import { type ChartPackage, packChart } from "./package.ts";
import { staticSite } from "./static-site.ts";

const makers: Readonly<Record<OwnChartName, (imageMirror?: string) => Chart>> = {
  "static-site": (imageMirror) => staticSite(imageReference(images.nginx, imageMirror)),
  "jupyter-basic": (imageMirror) => jupyterBasic(imageReference(images.minimalNotebook, imageMirror)),
};

/** A chart as it is released, or as a mirror of images changes it. */
export function ownChart(name: OwnChartName, imageMirror?: string): Chart {
  const chart = makers[name](imageMirror);
  if (imageMirror === undefined) return chart;
  // Other images are another chart, which needs a version of its own: helm and the portal keep what they have loaded.
  const mark = createHash("sha256").update(imageMirror).digest("hex").slice(0, 8);
  return { ...chart, metadata: { ...chart.metadata, version: `${chart.metadata.version}-mirror.x${mark}` } };
}

/** Packed, in the order of their names. */
export function packOwnCharts(names: readonly OwnChartName[], imageMirror?: string): ChartPackage[] {
  return names.toSorted().map((name) => packChart(filesOf(ownChart(name, imageMirror))));
}
