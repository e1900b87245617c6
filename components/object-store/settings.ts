import { z } from "zod";

import { durationBetween, resources, volume } from "../scalars.ts";

/** An image reference that can never mean another image. */
const pinnedImage = z
  .string()
  .regex(
    /^[a-z0-9][-a-z0-9._:]*(\/[a-z0-9][-a-z0-9._]*)+(:[\w][-\w.]{0,127})?@sha256:[0-9a-f]{64}$/,
    "must be an image with its digest, like quay.io/example/store:v1@sha256:…",
  );

/** `datalab:objectStore` */
export const objectStoreSettings = z.strictObject({
  kind: z.literal("minio").describe("`minio`: a MinIO-compatible server in the cluster."),
  replicas: z
    .int()
    .default(1)
    .refine((count) => count === 1 || (count >= 4 && count <= 16), "must be 1, or 4 to 16")
    .describe(
      "Servers, each with its own volume: 1, or 4 to 16 that survive the loss of some. A change replaces the store, with its data.",
    ),
  volume: volume.prefault({ size: "20Gi" }).describe("Volume of each server. It cannot be changed here later."),
  resources: resources.prefault({ cpu: "250m", memory: "1Gi" }).describe("What each server gets."),
  console: z
    .boolean()
    .default(true)
    .describe("Whether the store's web console is served, at `s3-console.<domain>`. It is for operators."),
  publicSharing: z
    .boolean()
    .default(false)
    .describe("Whether users may open their bucket, or a part of it, to everybody."),
  credentialsLifetime: durationBetween("15m", "7d")
    .default("12h")
    .describe("Life of the S3 credentials that a login yields. The store enforces it."),
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z0-9]+)*$/, "must be a name like us-east-1")
    .default("us-east-1")
    .describe("Region that S3 clients must name."),
  image: pinnedImage
    .optional()
    .describe("Image of another MinIO-compatible server, with its digest; the tested one when absent."),
});

export type ObjectStoreSettings = z.infer<typeof objectStoreSettings>;
