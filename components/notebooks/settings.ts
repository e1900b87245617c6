import { z } from "zod";

import { nameRules } from "../access/names.ts";
import {
  bytesOf,
  cpuQuantity,
  dnsLabel,
  dnsSubdomain,
  durationBetween,
  quantity,
  resources,
  volume,
} from "../scalars.ts";

/** It is shown as HTML, and the spawner would put something in the place of braces. */
const shownText = z
  .string()
  .min(1, "must not be empty")
  .max(200, "must be at most 200 characters")
  .regex(/^[^<>&"{}]*$/, 'must hold none of <>&"{}');

const groups = z
  .array(
    z
      .string()
      .max(nameRules(true).group.maxLength)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be lower-case letters and digits"),
  )
  .describe("Names of groups of the realm.");

const imageDigest = z
  .templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)], "must be sha256: and 64 hexadecimal digits")
  .optional()
  .describe("Digest that the image is held to; its tag alone when absent.");

const inOrder = { message: "must hold guarantee ≤ limit" };

const profile = z.strictObject({
  title: shownText.describe("What people choose."),
  description: shownText.optional().describe("What stands below it."),
  cpu: z
    .strictObject({
      guarantee: cpuQuantity.default("100m").describe("CPU that a server is promised."),
      limit: cpuQuantity.default("2").describe("CPU that it may use at most."),
    })
    .refine(({ guarantee, limit }) => coresOf(guarantee) <= coresOf(limit), inOrder)
    .prefault({})
    .describe("CPU of one server."),
  memory: z
    .strictObject({
      guarantee: quantity.default("1Gi").describe("Memory that a server is promised."),
      limit: quantity.default("2Gi").describe("Memory above which it is killed."),
    })
    .refine(({ guarantee, limit }) => bytesOf(guarantee) <= bytesOf(limit), inOrder)
    .prefault({})
    .describe("Memory of one server."),
  image: z
    .string()
    .regex(/^[a-z0-9][-\w./:@]+$/, "must be an image such as quay.io/jupyter/scipy-notebook:2026-11-02")
    .optional()
    .describe(
      "Image with `jupyterhub-singleuser` of the hub's own major version, and `/etc/ssl/certs/ca-certificates.crt`; upstream's sample when absent.",
    ),
  gpus: z.int().min(0).max(16).default(0).describe("Number of GPUs, as `nvidia.com/gpu`."),
  nodes: z
    .enum(["spot", "permanent"])
    .default("permanent")
    .describe(
      "`spot`: prefers nodes that are cheaper and may be taken away within two minutes. `permanent`: never there.",
    ),
});

const usualProfiles = {
  standard: { title: "Standard", description: "May be interrupted. Files stay.", nodes: "spot" },
  uninterrupted: { title: "Uninterrupted", description: "For what must not be interrupted." },
} as const;

const homes = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("own").describe("`own`: a disk for each person, which one node at a time can use."),
    size: quantity.default("10Gi").describe("Size of each home."),
    storageClass: dnsSubdomain.optional().describe("StorageClass; the cluster's default class when absent."),
  }),
  z.strictObject({
    kind: z
      .literal("shared")
      .describe("`shared`: a directory for each person on files that every node reaches, such as EFS."),
    size: quantity.default("10Gi").describe("Size that is asked for; EFS sets no limit."),
    storageClass: dnsSubdomain.describe("StorageClass of volumes that many nodes write to: `efs` on AWS."),
  }),
]);

const common = {
  profiles: z
    .record(dnsLabel, profile)
    .refine((profiles) => Object.keys(profiles).length > 0, "must hold a profile")
    .prefault(usualProfiles)
    .describe(
      "What people choose from when they start a server, by name. The first of the alphabet is chosen already.",
    ),
  homes: homes.prefault({ kind: "own" }).describe("Where people's files lie. The hub never deletes one."),
  culling: z
    .strictObject({
      idle: durationBetween("10m", "30d")
        .default("1h")
        .describe("Time without use after which a server, or a kernel, ends."),
      age: durationBetween("1h", "90d").default("7d").describe("Time after which a server ends, used or not."),
    })
    .prefault({})
    .describe(
      "When servers end by themselves. A computation counts as use as long as its kernel is busy and its page is open.",
    ),
  limits: z
    .strictObject({
      servers: z.int().min(1).max(5000).default(100).describe("Most servers at once."),
      cpu: cpuQuantity.default("100").describe("CPU that all servers together are promised."),
      memory: quantity.default("400Gi").describe("Memory of all servers together, by their limits."),
      storage: quantity.default("2Ti").describe("All homes together."),
    })
    .prefault({})
    .describe("What all people's servers share."),
  hub: z
    .strictObject({
      resources: resources.prefault({ cpu: "200m", memory: "512Mi" }).describe("What it gets."),
      imageDigest,
    })
    .prefault({})
    .describe("The hub's pod."),
  proxy: z
    .strictObject({
      resources: resources.prefault({ cpu: "100m", memory: "256Mi" }).describe("What it gets."),
      imageDigest,
    })
    .prefault({})
    .describe("The pod of the proxy before hub and servers."),
  database: z
    .strictObject({
      resources: resources.prefault({ cpu: "100m", memory: "256Mi" }).describe("What it gets."),
      storage: volume.prefault({ size: "5Gi" }).describe("Its volume."),
    })
    .prefault({})
    .describe("The hub's PostgreSQL."),
};

const realmLogin = z.strictObject({
  login: z.literal("realm").describe("`realm`: people log in with their account of the platform."),
  access: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("everyone").describe("`everyone`: whoever has an account.") }),
      z.strictObject({
        kind: z.literal("groups").describe("`groups`: members of these groups, and administrators."),
        groups: groups.min(1, "must name a group"),
      }),
    ])
    .describe("Who may have a server."),
  administrators: z
    .strictObject({ groups: groups.default([]) })
    .prefault({})
    .describe("Groups whose members see and end everybody's servers."),
  ...common,
});

const signupLogin = z.strictObject({
  login: z
    .literal("signup")
    .describe(
      "`signup`: people sign up at the hub, and an administrator lets them in. Their accounts are the hub's alone.",
    ),
  administrator: z
    .string()
    .regex(new RegExp(nameRules(true).username.pattern), "must be lower-case letters and digits")
    .min(nameRules(true).username.minLength)
    .max(nameRules(true).username.maxLength)
    .default("admin")
    .describe("Name of the first administrator, whose account is made before anybody can reach the hub."),
  ...common,
});

/** `datalab:notebooks` */
export const notebooksSettings = z.discriminatedUnion("login", [realmLogin, signupLogin]);

export type NotebooksSettings = z.infer<typeof notebooksSettings>;
export type Profile = z.infer<typeof profile>;

/** Cores of a CPU quantity. */
export function coresOf(value: string): number {
  return value.endsWith("m") ? Number(value.slice(0, -1)) / 1000 : Number(value);
}
