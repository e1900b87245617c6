import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { CertificateIssuer } from "../contracts.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { letsEncryptName } from "./own-issuer.ts";
import type { LetsEncryptSettings } from "./settings.ts";
import { stagingRoots } from "./staging-roots.ts";
import { until } from "./wait.ts";

export interface LetsEncryptArgs extends Pick<LetsEncryptSettings, "environment" | "email"> {
  /** Public zone of the domain, in which cert-manager has the rights of `ChallengeRights`. */
  readonly zoneId: pulumi.Input<string>;
  /** The zone of the user services, where it is another one. @default none */
  readonly servicesZone?: { readonly domain: string; readonly id: string } | undefined;
  readonly region: string;
}

/** @see https://letsencrypt.org/docs/staging-environment/ */
const servers = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
} as const;

/**
 * Let's Encrypt, which proves the domain by records in its zone: the only way to a wildcard.
 *
 * @example
 * ```ts
 * const staging = { environment: "staging", email: "admin@example.org" } as const;
 * new LetsEncrypt("lets-encrypt", { ...staging, zoneId: records.zoneId, region: "eu-west-3" }, inside);
 * ```
 */
export class LetsEncrypt extends pulumi.ComponentResource implements CertificateIssuer {
  readonly issuerName: string;
  readonly caBundle: pulumi.Output<string> | undefined;

  constructor(name: string, args: LetsEncryptArgs, opts?: pulumi.ComponentResourceOptions) {
    const { environment, email, region, zoneId, servicesZone } = args;
    super("datalab:certificates:LetsEncrypt", name, { environment, email }, opts);
    this.issuerName = letsEncryptName(args);
    this.caBundle = environment === "staging" ? pulumi.output(stagingRoots) : undefined;

    new k8s.apiextensions.CustomResource(
      `${name}-issuer`,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: this.issuerName, labels: labelsFor(this.issuerName), annotations: until("Ready") },
        spec: {
          acme: {
            server: servers[environment],
            email,
            privateKeySecretRef: { name: `${this.issuerName}-account` },
            solvers: [
              { dns01: { route53: { region, hostedZoneID: zoneId } } },
              // The narrower selector wins.
              ...(servicesZone === undefined ? [] : [servicesSolver(region, servicesZone)]),
            ],
          },
        },
      },
      { parent: this },
    );

    this.registerOutputs({ issuerName: this.issuerName });
  }
}

function servicesSolver(region: string, { domain, id }: NonNullable<LetsEncryptArgs["servicesZone"]>) {
  return { selector: { dnsZones: [domain] }, dns01: { route53: { region, hostedZoneID: id } } };
}
