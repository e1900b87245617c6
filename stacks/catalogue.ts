/** `catalogue` */
import type * as pulumi from "@pulumi/pulumi";

import { Catalogue } from "../components/catalogue/catalogue.ts";
import { packOwnCharts } from "../components/catalogue/own-charts.ts";
import type { ImageSource } from "../components/kubernetes/image-pull.ts";
import type { Charts } from "./charts.ts";
import type { Plan } from "./plan.ts";

/** The catalogue's servers, where the stack file asks for them. */
export function catalogueOf(
  { catalogue: settings }: Plan,
  { directory = [] }: Charts,
  images: ImageSource,
  options: pulumi.ComponentResourceOptions,
): Catalogue | undefined {
  if (settings === undefined) return undefined;
  const packages = [...packOwnCharts(settings.charts, images.imageMirror), ...directory];
  return new Catalogue("catalogue", { ...images, packages, settings }, options);
}
