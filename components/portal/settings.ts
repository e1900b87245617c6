import { z } from "zod";

import { cpuQuantity, dnsLabel, durationBetween, quantity, resources } from "../scalars.ts";

/** Text that reaches the portal's API. Spring replaces placeholders even inside the JSON of regions and catalogues. */
const text = z
  .string()
  .min(1, "must not be empty")
  .max(500, "must be at most 500 characters")
  .refine((value) => !value.includes("${"), "must not contain `${`: the portal's API would replace it");

/** Languages that the portal's pages are translated into. */
const language = z.enum(["de", "en", "es", "fi", "fr", "it", "nl", "no", "zh-CN"]);

const localizedText = z.union(
  [text, z.partialRecord(language, text).refine((texts) => Object.keys(texts).length > 0)],
  "must be a text without `${`, or one text for each language, like { en: Databases, fr: Bases de données }",
);

/** CPU of a user's service: the form's slider moves in steps of 50 thousandths. */
const serviceCpu = cpuQuantity.refine(
  (value) => !cpuQuantity.safeParse(value).success || millicoresOf(value) % 50 === 0,
  "must be a multiple of 50m",
);

/** Memory or storage of a user's service: the form's slider moves in whole Gi. */
const serviceGibibytes = z.string().regex(/^[1-9][0-9]{0,4}Gi$/, "must be a whole number of Gi, like 4Gi");

const serviceSettings = z.strictObject({
  cpu: z
    .strictObject({
      request: serviceCpu.default("100m").describe("CPU that a service is promised unless the user says otherwise."),
      limit: serviceCpu.default("2").describe("CPU that it may use at most unless the user says otherwise."),
      most: serviceCpu.default("4").describe("Most that a user can choose."),
    })
    .refine(inOrder(millicoresOf), "must hold request ≤ limit ≤ most")
    .prefault({})
    .describe(
      "CPU of one service. Proposed and checked in charts that ask for the portal's files, as INSEE's interactive ones do.",
    ),
  memory: z
    .strictObject({
      request: serviceGibibytes
        .default("1Gi")
        .describe("Memory that a service is promised unless the user says otherwise."),
      limit: serviceGibibytes
        .default("4Gi")
        .describe("Memory above which it is killed unless the user says otherwise."),
      most: serviceGibibytes.default("8Gi").describe("Most that a user can choose."),
    })
    .refine(inOrder(gibibytesOf), "must hold request ≤ limit ≤ most")
    .prefault({})
    .describe("Memory of one service; in the same charts."),
  storage: z
    .strictObject({
      size: serviceGibibytes.default("10Gi").describe("Size of a service's volume unless the user says otherwise."),
      most: serviceGibibytes.default("50Gi").describe("Most that a user can choose."),
    })
    .refine(({ size, most }) => gibibytesOf(size) <= gibibytesOf(most), "must hold size ≤ most")
    .prefault({})
    .describe("Volume of one service; in the same charts."),
  kubernetesRole: z
    .enum(["none", "view", "edit", "admin"])
    .default("view")
    .describe("Most that a service may be allowed to do with the Kubernetes API, in its user's namespace."),
  networkIsolation: z
    .boolean()
    .default(true)
    .describe("Services accept connections from their own namespace and from the ingress controller only."),
  podSecurity: z
    .enum(["restricted", "baseline", "privileged"])
    .default("baseline")
    .describe("Pod Security level of the users' namespaces; INSEE's charts need `baseline`."),
});

const quota = (defaults: { cpu: string; memory: string; storage: string; pods: number }) =>
  z
    .strictObject({
      enabled: z.boolean().default(true).describe("Whether there is a limit at all."),
      cpu: cpuQuantity.default(defaults.cpu).describe("Sum of the CPU requests."),
      memory: quantity.default(defaults.memory).describe("Sum of the memory requests."),
      storage: quantity.default(defaults.storage).describe("Sum of the sizes of the volumes."),
      pods: z.int().min(1).default(defaults.pods).describe("Number of pods."),
    })
    .prefault({});

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

const inseeIde: z.input<typeof catalog> = {
  id: "ide",
  name: { en: "Development environments", fr: "Environnements de développement" },
  description: {
    en: "Interactive services for data science.",
    fr: "Services interactifs pour la science des données.",
  },
  location: "https://inseefrlab.github.io/helm-charts-interactive-services",
  highlightedCharts: ["jupyter-python", "rstudio", "vscode-python"],
};

const serverSettings = (defaults: z.input<typeof resources>) =>
  z.strictObject({
    replicas: z.int().min(1).max(10).default(1).describe("Number of pods."),
    resources: resources.prefault(defaults).describe("What each pod gets."),
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
    .prefault([inseeIde])
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
      user: quota({ cpu: "8", memory: "16Gi", storage: "100Gi", pods: 30 }).describe("All services of one user."),
      group: quota({ cpu: "16", memory: "32Gi", storage: "200Gi", pods: 60 }).describe("All services of one group."),
    })
    .prefault({})
    .describe("What a namespace may use in all."),
  services: serviceSettings.prefault({}).describe("What the launch form offers, and how services are confined."),
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
export type ServiceSettings = z.infer<typeof serviceSettings>;
export type LocalizedText = z.infer<typeof localizedText>;

/** Thousandths of a core. */
export function millicoresOf(cpu: string): number {
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) : Math.round(Number(cpu) * 1000);
}

/** The number in front of `Gi`. */
export function gibibytesOf(memory: string): number {
  return Number(memory.slice(0, -"Gi".length));
}

function inOrder(valueOf: (quantity: string) => number) {
  return ({ request, limit, most }: { request: string; limit: string; most: string }) =>
    valueOf(request) <= valueOf(limit) && valueOf(limit) <= valueOf(most);
}
