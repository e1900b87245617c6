import { z } from "zod";

import { regions } from "./regions.ts";

const digits = "must be the 12 digits of an AWS account";

/** `datalab:aws` */
export const awsSettings = z.strictObject({
  // `pulumi config set` writes digits as a number, unless the first one is a zero.
  accountId: z
    .union(
      [
        z.string().regex(/^[0-9]{12}$/, digits),
        z.int().min(100_000_000_000, digits).max(999_999_999_999, digits).transform(String),
      ],
      digits,
    )
    .describe("Account that everything is made in. Credentials of another account are refused."),
  region: z.enum(regions).describe("Region that everything is made in, such as `eu-west-3`."),
  tags: z
    .record(
      z
        .string()
        .regex(/^(?!aws:)[\w .:/+@-]{1,128}$/, "must be up to 128 letters, digits, spaces or _.:/+-@, not aws:…"),
      z.string().regex(/^[\w .:/+@-]{0,256}$/, "must be up to 256 letters, digits, spaces or _.:/+-@"),
    )
    .default({})
    .describe(
      "Tags of everything that is made, for your bill. The platform adds `datalab.dev/stack`. Nodes carry them too: a change replaces every node of a cluster that the platform makes, one by one, and notebooks on them end.",
    ),
});

export type AwsSettings = z.infer<typeof awsSettings>;
