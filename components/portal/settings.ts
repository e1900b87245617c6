import { z } from "zod";

import { dnsLabel, durationBetween, resources } from "../scalars.ts";
import { inseeCatalogs } from "./insee-catalogs.ts";
import { workspaceQuota, workspaceServices } from "../workspaces/settings.ts";

/** Text that reaches the portal's API. Spring replaces placeholders even inside the JSON of regions and catalogues. */
const text = z
  .string()
  .min(1, "must not be empty")
  .max(500, "must be at most 500 characters")
  .refine((value) => !value.includes("${"), "must not contain `${`: the portal's API would replace it");

/** Languages that the portal's pages are translated into. */
const language = z.enum(["de", "en", "es", "fi", "fr", "it", "nl", "no", "zh-CN"]);

const textRule =
  "must be a text without `${`, or one text for each language, like { en: Databases, fr: Bases de données }";

const localizedText = z.union(
  [text, z.partialRecord(language, text).refine((texts) => Object.keys(texts).length > 0, textRule)],
  textRule,
);

const catalog = z.strictObject({
  id: dnsLabel.describe(
    "Name of the catalogue in addresses; unique. The portal shows catalogues in the order of their ids.",
  ),
  name: localizedText.describe("Name that people see: one text, or one for each language."),
  description: localizedText.optional().describe("What the catalogue holds: one text, or one for each language."),
  maintainer: text.optional().describe("Who looks after it, for example a mail address."),
  location: z
    .string()
    .regex(
      /^(https:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?|http:\/\/[a-z0-9][-a-z0-9]*\.[a-z0-9][-a-z0-9]*\.svc(\.cluster\.local)?)(:[0-9]{1,5})?(\/[^\s?#$]*)?$/,
      "must be an https:// address, or http:// of a Service in the cluster, like http://charts.catalogue.svc",
    )
    .describe(
      "Address of the Helm repository: what comes before `/index.yaml`. Repositories of the OCI kind do not work.",
    ),
  status: z.enum(["PROD", "TEST", "INTERNAL"]).default("PROD").describe("Maturity that the portal shows."),
  highlightedCharts: z.array(dnsLabel).default([]).describe("Charts that the catalogue shows first, in this order."),
  excludedCharts: z.array(dnsLabel).default([]).describe("Charts that the portal hides."),
  versions: z
    .enum(["all", "latest", "skipPatches"])
    .default("latest")
    .describe("Which versions of a chart users can choose from."),
});

const serverSettings = (defaults: z.input<typeof resources>) =>
  z.strictObject({
    replicas: z.int().min(1).max(10).default(1).describe("Number of pods."),
    resources: resources.prefault(defaults).describe("What each pod gets."),
    imageDigest: z
      .templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)], "must be sha256: and 64 hexadecimal digits")
      .optional()
      .describe("Digest that the image is held to; its tag alone when absent. The doctor prints that of what runs."),
  });

/** `datalab:portal` */
export const portalSettings = z.strictObject({
  title: text.default("Datalab").describe("Name in the header and in the browser's tab."),
  description: text
    .default("Notebooks, storage and tools for data science.")
    .describe("One sentence on the platform, for link previews."),
  language: language.default("en").describe("Language of this file's texts, and of visitors whose own is not offered."),
  otherLanguages: z.array(language).default(["fr"]).describe("Further languages that visitors can choose."),
  regionName: text.default("Datalab").describe("Name of the one region that services run in."),
  catalogs: z
    .array(catalog)
    .refine((catalogs) => new Set(catalogs.map(({ id }) => id)).size === catalogs.length, "must not use an id twice")
    .prefault(inseeCatalogs)
    .describe("Helm repositories whose charts users can launch. The API is not ready before all have loaded once."),
  chartKinds: z
    .array(
      z.strictObject({
        group: z
          .string()
          .regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, "must be an API group such as postgresql.cnpg.io")
          .refine(
            (group) => !["rbac.authorization.k8s.io", "admissionregistration.k8s.io"].includes(group),
            "must be a group that cannot change anybody's rights",
          )
          .describe("API group."),
        resources: z
          .array(z.string().regex(/^[a-z0-9]+$/, "must be a resource in the plural, like clusters"))
          .min(1, "must name at least one resource")
          .describe("Resources of the group, in the plural."),
      }),
    )
    .default([])
    .describe("Further kinds of objects that your catalogues' charts create, such as an operator's."),
  quotas: z
    .strictObject({
      user: workspaceQuota({
        cpu: "8",
        memory: "16Gi",
        memoryLimit: "64Gi",
        storage: "100Gi",
        ephemeralStorage: "200Gi",
        pods: 30,
      }).describe("All services of one user."),
      group: workspaceQuota({
        cpu: "16",
        memory: "32Gi",
        memoryLimit: "128Gi",
        storage: "200Gi",
        ephemeralStorage: "400Gi",
        pods: 60,
      }).describe("All services of one group."),
    })
    .prefault({})
    .describe("What a namespace may use in all."),
  services: workspaceServices.prefault({}).describe("What the launch form offers, and how services are confined."),
  longRunningAfter: durationBetween("1h", "365d")
    .default("7d")
    .describe("Age from which the portal reminds users of a running service."),
  anonymousVisitors: z
    .boolean()
    .default(false)
    .describe("Whether people may look at the home page and the catalogues before they log in."),
  web: serverSettings({ cpu: "100m", memory: "256Mi" }).prefault({}).describe("The pages."),
  api: serverSettings({ cpu: "250m", memory: "1Gi" }).prefault({}).describe("The server that launches services."),
});

export type PortalSettings = z.infer<typeof portalSettings>;
export type CatalogSettings = z.infer<typeof catalog>;
export type LocalizedText = z.infer<typeof localizedText>;
