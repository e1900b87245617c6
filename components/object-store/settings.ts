import { z } from "zod";

import { durationBetween, httpsUrl, resources, volume } from "../scalars.ts";

/** An image reference that can never mean another image. */
const pinnedImage = z
  .string()
  .regex(
    /^[a-z0-9][-a-z0-9._:]*(\/[a-z0-9][-a-z0-9._]*)+(:[\w][-\w.]{0,127})?@sha256:[0-9a-f]{64}$/,
    "must be an image with its digest, like quay.io/example/store:v1@sha256:…",
  );

/** @see https://github.com/minio/minio/blob/master/internal/config/config.go `validRegionRegex` */
const minioRegion = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]+$/, "must begin with a letter, then letters, digits, hyphens and underscores");

/**
 * Services call theirs as they like (`auto`, `fr-par`, `RegionOne`, `ru-central1`). Signatures write it between slashes.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
const storeRegion = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,62}$/,
    "must be the store's own name of it: letters, digits and any of _.-, like us-east-1",
  );

/** In the cluster. */
export const minioSettings = z.strictObject({
  kind: z.literal("minio").describe("`minio`: a MinIO-compatible server in the cluster."),
  replicas: z
    .int()
    .default(1)
    .refine((count) => count === 1 || (count >= 4 && count <= 16), "must be 1, or 4 to 16")
    .describe(
      "Servers, each with its own volume: 1, or 4 to 16 that survive the loss of some. A change replaces the store, with its data.",
    ),
  volume: volume
    .prefault({ size: "20Gi" })
    .describe("Volume of each server. Larger later only by the commands that a preview then prints."),
  resources: resources.prefault({ cpu: "250m", memory: "1Gi" }).describe("What each server gets."),
  console: z
    .boolean()
    .default(false)
    .describe(
      "Whether the store's web console is served to everybody, at `s3-console.<domain>`. It is for operators, and takes the root login.",
    ),
  publicSharing: z
    .boolean()
    .default(false)
    .describe("Whether users may open their bucket, or a part of it, to everybody."),
  credentialsLifetime: durationBetween("15m", "7d")
    .default("12h")
    .describe("Life of the S3 credentials that a login yields. The store enforces it."),
  region: minioRegion.default("us-east-1").describe("Region that S3 clients must name."),
  image: pinnedImage
    .optional()
    .describe("Image of another MinIO-compatible server, with its digest; the tested one when absent."),
});

/** On AWS. */
export const s3Settings = z.strictObject({
  kind: z.literal("s3").describe("`s3`: a bucket on AWS, in the account and the region of `datalab:aws`."),
  bucket: z
    .string()
    // No dots: the certificate of `*.s3.<region>.amazonaws.com` covers one label.
    .regex(/^[a-z0-9][-a-z0-9]{1,61}[a-z0-9]$/, "must be 3 to 63 lower-case letters, digits and inner hyphens")
    .optional()
    .describe(
      "Name of the bucket, which nobody else on AWS may have; `datalab-<account>-<domain>` when absent. Dots of the domain become hyphens there, and 63 letters are kept: name it where another platform of the account would have the same. A change makes a new bucket.",
    ),
  credentialsLifetime: durationBetween("15m", "12h")
    .default("12h")
    .describe("Life of the S3 credentials that a login yields. AWS allows no more than 12 hours."),
  lifecycle: z
    .strictObject({
      noncurrentVersionDays: z
        .int()
        .min(1)
        .max(3650)
        .default(30)
        .describe(
          "Days after which what was overwritten or deleted is gone. Until then it can be had back, and costs.",
        ),
      abandonedUploadDays: z
        .int()
        .min(1)
        .max(365)
        .default(7)
        .describe("Days after which the parts of an upload that never ended are removed."),
      intelligentTiering: z
        .boolean()
        .default(false)
        .describe("Whether AWS moves objects that nobody reads to cheaper storage, for a fee on each object."),
    })
    .prefault({})
    .describe("What happens to objects by themselves."),
});

const placeholder = "{username}";

/** A text in which the placeholder may stand for a username. */
function pattern(form: RegExp, message: string) {
  const isOfForm = (value: string) => form.test(value.replaceAll(placeholder, "ada"));
  return z.string().refine(isOfForm, { message, abort: true });
}

/** Somewhere else. */
export const externalStoreSettings = z
  .strictObject({
    kind: z.literal("external").describe("`external`: an S3 service that is there already. Nothing is created."),
    endpoint: httpsUrl
      .refine(
        (url) => !url.startsWith("https://") || /^https:\/\/[^/]+$/.test(url),
        // Its web pages set AWS_S3_ENDPOINT to host and port (InseeFrLab/onyxia, launcher/thunks.ts and tools/parseUrl.ts).
        "must be a host without a path: the portal tells services nothing else of it",
      )
      .describe("Address of its S3 API."),
    region: storeRegion.default("us-east-1").describe("Region that S3 clients must name."),
    pathStyleAccess: z
      .boolean()
      .default(true)
      .describe("Whether a bucket stands in the path; otherwise it is part of the host name."),
    sts: z
      .strictObject({
        url: httpsUrl
          .optional()
          .describe("Address at which a token is exchanged for S3 credentials; the endpoint when absent."),
        roleArn: z
          .string()
          .regex(/^arn:[a-z0-9-]+:(iam|sts):[^\s]+$/, "must be an ARN like arn:aws:iam::123456789012:role/lab")
          .optional()
          .describe("Role that a login takes on; absent where the store reads the policy's name from the token."),
        roleSessionName: z
          .string()
          .regex(/^[\w+=,.@-]{2,64}$/, "must be 2 to 64 letters, digits and any of _+=,.@-")
          .default("datalab")
          .describe("Name of the sessions in the store's logs."),
        sessionTags: z
          .boolean()
          .default(false)
          .describe(
            "Whether tokens carry the session tag `username`, for a role of AWS whose policies ask for it. The role must allow `sts:TagSession`.",
          ),
      })
      .prefault({})
      .describe("How a login becomes credentials."),
    credentialsLifetime: durationBetween("15m", "7d")
      .default("12h")
      .describe("Life of the S3 credentials that the portal asks for. The store must allow it."),
    bucket: pattern(
      /^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$/,
      `must be the name of a bucket, in which ${placeholder} stands for the user`,
    )
      .default(`user-${placeholder}`)
      .describe("Bucket of a user."),
    prefix: pattern(
      /^([^\s/{}][^\s{}]*\/)?$/,
      `must end with a slash and not begin with one, like user-${placeholder}/`,
    )
      .default("")
      .describe("Beginning of the user's keys in it, where users share a bucket, like `user-{username}/`."),
  })
  .refine(({ bucket, prefix }) => `${bucket}/${prefix}`.includes(placeholder), {
    path: ["prefix"],
    message: `must hold ${placeholder}, or \`bucket\` must: users would share everything`,
  });

/** `datalab:objectStore` */
export const objectStoreSettings = z.discriminatedUnion("kind", [minioSettings, s3Settings, externalStoreSettings]);

export type ObjectStoreSettings = z.infer<typeof objectStoreSettings>;
export type MinioSettings = z.infer<typeof minioSettings>;
export type S3Settings = z.infer<typeof s3Settings>;
export type ExternalStoreSettings = z.infer<typeof externalStoreSettings>;
