import { z } from "zod";

import { durationBetween, httpsUrl, quantity, resources } from "../scalars.ts";

const mirror = z.strictObject({
  upstream: httpsUrl
    .default("https://pypi.org")
    .describe("Index that the packages come from, without `/simple`. It must speak JSON (PEP 691)."),
  cooldown: durationBetween("1h", "365d")
    .default("7d")
    .describe("Age from which a file of that index is handed on: what was published by thieves is found out by then."),
});

/** In the cluster. */
export const pypironSettings = z.strictObject({
  engine: z
    .literal("pypiron")
    .describe("`pypiron`: a server in the cluster that keeps everything in a bucket of the object store."),
  replicas: z.int().min(1).max(10).default(2).describe("Number of pods."),
  resources: resources.prefault({ cpu: "50m", memory: "256Mi" }).describe("What each pod gets."),
  uploadSpace: quantity
    .default("4Gi")
    .describe("Room of each pod for files on their way to the bucket: each lies there whole. A file may have 1 GiB."),
  privatePrefix: z
    .string()
    .max(40, "must be at most 40 characters")
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be lower-case letters and digits with single hyphens inside, like lab")
    .optional()
    .describe(
      "Beginning of your packages' names: `lab` keeps `lab` and `lab-…` for you. Only such names can be published then, and none of them ever comes from another index. Any name when absent.",
    ),
  mirror: mirror
    .optional()
    .describe("Another index whose packages are handed on through this one. Closed when absent: only yours are there."),
  reads: z
    .enum(["open", "authenticated"])
    .default("open")
    .describe(
      "Who may install: whoever reaches the host, or with the reader's password alone. The portal cannot give services a password.",
    ),
  rotation: z
    .string()
    .regex(/^[\w.-]{1,40}$/, "must be 1 to 40 letters, digits and any of _.-")
    .default("first")
    .describe("Any word. Another one makes new passwords of administrator, publisher and reader."),
  verification: z
    .string()
    .regex(/^\S+( \S+){4}$/, "must be five fields of a CronJob's schedule, like 23 3 * * *")
    .default("23 3 * * *")
    .describe("When the index is compared with its files, as the schedule of a CronJob, in the cluster's time zone."),
  imageDigest: z
    .templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)], "must be sha256: and 64 hexadecimal digits")
    .optional()
    .describe("Digest that the image is held to; its tag alone when absent."),
});

/** It reaches Spring and the templates of charts, which would put something in the place of `${…}` and `{{…}}`. */
const plainUrl = httpsUrl.refine(
  (url) => !/[${}"'\\]/.test(url),
  "must hold none of ${}\"'\\: what reads it would put something else in their place",
);

/** Somewhere else. */
export const externalIndexSettings = z.strictObject({
  engine: z.literal("external").describe("`external`: an index that is there already. Nothing is created."),
  indexUrl: plainUrl.describe(
    "Address that pip installs from, without the last slash, like `https://packages.example.org/simple`.",
  ),
  uploadUrl: plainUrl
    .optional()
    .describe("Address that twine uploads to, without the last slash; absent where nobody publishes from here."),
  mirrorsPublicIndex: z
    .boolean()
    .default(false)
    .describe("Whether it hands on public packages too. Services then install from it alone."),
  reads: z
    .enum(["open", "authenticated"])
    .default("open")
    .describe("Who may install: whoever reaches it, or with a password alone. The portal cannot give services one."),
});

/** `datalab:packages` */
export const packagesSettings = z.discriminatedUnion("engine", [pypironSettings, externalIndexSettings]);

export type PackagesSettings = z.infer<typeof packagesSettings>;
export type PypironSettings = z.infer<typeof pypironSettings>;
