import { z } from "zod";

import { dnsLabel } from "../scalars.ts";
import { eksSettings } from "./eks-settings.ts";

const cidr = z.union([z.cidrv4(), z.cidrv6()], "must be a network such as 10.0.0.0/16");

const existingSettings = z.strictObject({
  kind: z.literal("existing").describe("`existing`: a cluster that is already there."),
  clusterIdentifier: dnsLabel.describe(
    "Name of the cluster, kept for its whole life. Changing it replaces every object: it tells Pulumi that this is another cluster.",
  ),
  kubeconfigPath: z
    .string()
    .min(1, "must be a path")
    .optional()
    .describe("Path of a kubeconfig file. Either this or `kubeconfig`."),
  kubeconfig: z
    .string()
    .min(1, "must be the content of a kubeconfig file")
    .optional()
    .describe("Content of a kubeconfig file, as a secret. Either this or `kubeconfigPath`."),
  context: z
    .string()
    .min(1, "must be a name")
    .optional()
    .describe("Context; the kubeconfig's current one when absent."),
  apiServerCidrs: z
    .array(cidr)
    .min(1, "must hold at least one network")
    .default(["0.0.0.0/0", "::/0"])
    .describe("Networks of the API server, for the NetworkPolicies of pods that call it; anywhere when absent."),
  apiServerPorts: z
    .array(z.int().min(1).max(65535))
    .min(1, "must hold at least one port")
    .default([443, 6443])
    .describe("Ports of the API server: that of its Service and that of its endpoints."),
});

/** `datalab:cluster` */
export const clusterSettings = z.discriminatedUnion("kind", [existingSettings, eksSettings]);

export type ClusterSettings = z.infer<typeof clusterSettings>;
export type ExistingClusterSettings = z.infer<typeof existingSettings>;
