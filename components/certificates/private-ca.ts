import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import type { CertificateIssuer } from "../contracts.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { privateCaName } from "./own-issuer.ts";
import { until } from "./wait.ts";

export interface PrivateCaArgs {
  /** cert-manager's cluster resource namespace: the authority's Secret goes there. */
  readonly namespace: string;
  /** Domain of the platform; it tells authorities apart in a trust store. */
  readonly domain: string;
  /** Refuses to delete the key. Another key is another authority, which nobody trusts yet. */
  readonly protectData: boolean;
}

const tenYears = 10 * 365 * 24;

/**
 * A certificate authority of the platform's own, for machines without a public address.
 *
 * @example
 * ```ts
 * new PrivateCa("private-ca", { namespace: "cert-manager", domain: "example.org", protectData: true }, inside);
 * ```
 */
export class PrivateCa extends pulumi.ComponentResource implements CertificateIssuer {
  readonly issuerName = privateCaName;
  readonly caBundle: pulumi.Output<string>;

  constructor(name: string, args: PrivateCaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:certificates:PrivateCa", name, args, opts);
    const guarded = { parent: this, protect: args.protectData };
    const labels = labelsFor(privateCaName);

    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, guarded);
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        isCaCertificate: true,
        setSubjectKeyId: true,
        validityPeriodHours: tenYears,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        subject: { commonName: `datalab CA of ${args.domain}`, organization: "datalab" },
      },
      guarded,
    );
    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { name: privateCaName, namespace: args.namespace, labels },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificate.certPem, "tls.key": pulumi.secret(key.privateKeyPem) },
      },
      guarded,
    );
    new k8s.apiextensions.CustomResource(
      `${name}-issuer`,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: privateCaName, labels, annotations: until("Ready") },
        spec: { ca: { secretName: privateCaName } },
      },
      { parent: this, dependsOn: [secret] },
    );

    this.caBundle = certificate.certPem;
    this.registerOutputs({ issuerName: this.issuerName, caBundle: this.caBundle });
  }
}
