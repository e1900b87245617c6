/** `datalab:platform`: what all parts share. */
import { z } from "zod";

import { authorities } from "../../components/certificates/authorities.ts";
import { deletionPolicyName } from "../../components/data-protection/deletion-policy.ts";
import { policyAndBinding } from "../../components/kubernetes/cluster-objects.ts";
import { imagePullSettings } from "../../components/kubernetes/image-pull.ts";
import { proxySettings } from "../../components/kubernetes/proxy.ts";
import { part } from "../../components/part.ts";
import { domainName, durationBetween } from "../../components/scalars.ts";

const platformSettings = z.strictObject({
  domain: domainName.describe(
    "Domain of the platform. The portal is `datalab.<domain>`, Keycloak `auth.<domain>`, S3 `s3.<domain>`.",
  ),
  servicesDomain: domainName
    .optional()
    .describe(
      "Domain of the user services, each one name below it: `lab.<domain>` when absent. One that is registered separately keeps their pages from setting cookies for the platform.",
    ),
  protectData: z
    .boolean()
    .optional()
    .describe(
      "Refuses to delete or replace what holds data, and keeps volumes when their owner goes. When absent: true on a cluster that the platform makes (`eks`), else false.",
    ),
  readyTimeout: durationBetween("10s", "2h")
    .default("10m")
    .describe("How long each object may take to become ready. Slow image pulls need more."),
  imageMirror: z
    .string()
    .regex(
      /^[a-z0-9][-a-z0-9.:/_]*[a-z0-9]$/,
      "must be a registry host with an optional path, like mirror.example.org/hub",
    )
    .optional()
    .describe("Registry prefix that every image is pulled through; the whole upstream name follows it."),
  imagePull: imagePullSettings
    .optional()
    .describe(
      "Login for the registry that the platform's images come from, where it wants one. Images of users' services are pulled without it.",
    ),
  authorities: authorities
    .optional()
    .describe(
      "Certificates of your company's own authorities, in PEM, one after another. The portal, users' services, Keycloak and cert-manager trust them beside the public ones.",
    ),
  proxy: proxySettings
    .optional()
    .describe("Proxy that leads out of your network: for catalogues, users' services, other logins and Let's Encrypt."),
  adopt: z
    .array(
      z
        .string()
        .regex(
          /^[A-Z][A-Za-z]*\/[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/,
          "must be a kind and a name, like Namespace/cert-manager",
        ),
    )
    .default([])
    .describe(
      "Objects that exist and that this stack takes over on purpose, each as `Kind/name`, like `Namespace/cert-manager`. `pulumi destroy` deletes them then.",
    ),
});

export const platform = part({
  key: "platform",
  settings: platformSettings,
  declares: () => ({ clusterObjects: policyAndBinding(deletionPolicyName) }),
});
