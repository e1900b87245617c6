import { z } from "zod";

import { resources } from "../scalars.ts";
import { ownChartNames } from "./names.ts";

/** `datalab:catalogue` */
export const catalogueSettings = z.strictObject({
  charts: z
    .array(z.enum(ownChartNames))
    .refine((charts) => new Set(charts).size === charts.length, "must not name a chart twice")
    .default([...ownChartNames])
    .describe("Charts of the platform that it offers."),
  directory: z
    .string()
    .min(1, "must not be empty")
    .refine((path) => !path.endsWith("/"), "must not end with a slash")
    .optional()
    .describe(
      "Folder with charts of your own, one folder for each, as seen from where `pulumi up` runs. None when absent.",
    ),
  replicas: z.int().min(1).max(10).default(2).describe("Number of pods."),
  resources: resources.prefault({ cpu: "10m", memory: "32Mi" }).describe("What each pod gets."),
});

export type CatalogueSettings = z.infer<typeof catalogueSettings>;
