import { z } from "zod";

import { dnsLabel, dnsSubdomain, resources } from "../scalars.ts";
import { authorities } from "./authorities.ts";
import { isCertificate, isPrivateKeyOf } from "./pem.ts";

const smallPod = { cpu: "20m", memory: "128Mi" };

const installed = z.strictObject({
  install: z.literal(true).default(true).describe("`true`: the platform brings cert-manager."),
  chart: z
    .strictObject({
      mirror: z
        .string()
        .min(1, "must be a directory or an oci:// prefix")
        .optional()
        .describe(
          "Where the chart's archive is: a directory, or an `oci://` prefix that the chart's name follows. Upstream's when absent.",
        ),
    })
    .prefault({})
    .describe("The Helm chart."),
  resources: z
    .strictObject({
      controller: resources.prefault(smallPod).describe("The controller, which issues and renews."),
      webhook: resources.prefault(smallPod).describe("The webhook, which checks what is asked for."),
      cainjector: resources
        .prefault({ cpu: "20m", memory: "256Mi" })
        .describe("The cainjector, which the webhook needs."),
    })
    .prefault({})
    .describe("What each of its pods gets."),
});

const present = z.strictObject({
  install: z.literal(false).describe("`false`: cert-manager is in the cluster already."),
  namespace: dnsLabel
    .default("cert-manager")
    .describe("Its cluster resource namespace, where ClusterIssuers find their Secrets."),
});

/** `certManager` below `datalab:certificates` */
const certManagerSettings = z.discriminatedUnion("install", [installed, present]);

const privateCa = z.strictObject({
  issuer: z.literal("privateCa").describe("`privateCa`: a certificate authority of the platform's own."),
  certManager: certManagerSettings.prefault({}).describe("The cert-manager that issues."),
});

const letsEncrypt = z.strictObject({
  issuer: z.literal("letsencrypt").describe("`letsencrypt`: Let's Encrypt, which proves the domain by its zone."),
  environment: z
    .enum(["staging", "production"])
    .default("staging")
    .describe("`staging` tries everything under generous limits, with certificates that no browser trusts."),
  email: z
    .email("must be a mail address")
    .describe("Contact of the account at Let's Encrypt. By giving it you agree to its terms of service."),
  certManager: installed.prefault({}).describe("The cert-manager that issues."),
});

const ownAuthority = authorities
  .optional()
  .describe("Certificate of a private authority, in PEM, for the pods to trust. Absent for a public one.");

const existing = z.strictObject({
  issuer: z.literal("existing").describe("`existing`: a ClusterIssuer of cert-manager that is in the cluster."),
  issuerName: dnsSubdomain.describe("Name of the ClusterIssuer. It must be able to issue wildcard certificates."),
  caBundle: ownAuthority,
});

const provided = z
  .strictObject({
    issuer: z.literal("provided").describe("`provided`: a wildcard certificate that you bring and renew."),
    certificate: z
      .string()
      .refine(isCertificate, "must be a certificate in PEM (BEGIN CERTIFICATE), the server's own one first")
      .describe(
        "Certificate for `*.<domain>` and `*.lab.<domain>` (or `*.<servicesDomain>`), in PEM, followed by its intermediates.",
      ),
    privateKey: z.string().describe("Its private key in PEM, without a passphrase. Set it as a secret."),
    caBundle: ownAuthority,
  })
  .refine(({ certificate, privateKey }) => !isCertificate(certificate) || isPrivateKeyOf(privateKey, certificate), {
    path: ["privateKey"],
    message: "must be the private key of `certificate`, in PEM and without a passphrase",
  });

/** `datalab:certificates` */
export const certificatesSettings = z.discriminatedUnion("issuer", [privateCa, letsEncrypt, existing, provided]);

export type CertificatesSettings = z.infer<typeof certificatesSettings>;
export type LetsEncryptSettings = z.infer<typeof letsEncrypt>;
export type CertManagerSettings = z.infer<typeof certManagerSettings>;
export type InstalledCertManagerSettings = z.infer<typeof installed>;
