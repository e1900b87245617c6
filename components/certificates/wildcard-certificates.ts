import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { CertificateIssuer } from "../contracts.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { type Hosts, providedWildcardSecrets, wildcardSecrets } from "../names.ts";
import { until } from "./wait.ts";

export interface WildcardCertificatesArgs {
  readonly hosts: Hosts;
  /** Namespace of the ingress controller, which must exist: give it or its maker in `dependsOn`. */
  readonly namespace: string;
  /** Where the certificates come from. */
  readonly from:
    | { readonly kind: "issuer"; readonly issuer: Pick<CertificateIssuer, "issuerName"> }
    | {
        readonly kind: "provided";
        /** One certificate for both wildcards, in PEM, followed by its intermediates. */
        readonly certificate: string;
        readonly privateKey: pulumi.Input<string>;
      };
}

/**
 * The two wildcard certificates, in the Secrets that the ingress controller serves. Never one for each notebook.
 *
 * @example
 * ```ts
 * const from = { kind: "issuer", issuer } as const;
 * new WildcardCertificates("certificates", { hosts, namespace: ingress.namespace, from }, inside);
 * ```
 */
export class WildcardCertificates extends pulumi.ComponentResource {
  constructor(name: string, args: WildcardCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hosts, namespace, from } = args;
    super("datalab:certificates:WildcardCertificates", name, { domain: hosts.domain, from: from.kind }, opts);

    const secrets = from.kind === "issuer" ? wildcardSecrets : providedWildcardSecrets;
    for (const [use, host, secretName] of [
      ["platform", hosts.domain, secrets.platform],
      ["services", hosts.services, secrets.services],
    ] as const) {
      const metadata = { name: secretName, namespace, labels: labelsFor(secretName) };
      if (from.kind === "issuer") {
        new k8s.apiextensions.CustomResource(
          `${name}-${use}-certificate`,
          certificate(metadata, `*.${host}`, from.issuer.issuerName),
          { parent: this },
        );
      } else {
        new k8s.core.v1.Secret(`${name}-${use}-secret`, tlsSecret(metadata, from.certificate, from.privateKey), {
          parent: this,
        });
      }
    }

    this.registerOutputs({});
  }
}

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

/** A Certificate whose Secret has its own name. Lengths of time are the issuer's and cert-manager's: 90 days. */
function certificate(metadata: Metadata, wildcard: string, issuerName: string): k8s.apiextensions.CustomResourceArgs {
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { ...metadata, annotations: until("Ready") },
    spec: {
      secretName: metadata.name,
      dnsNames: [wildcard],
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuerName },
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      usages: ["digital signature", "server auth"],
    },
  };
}

function tlsSecret(metadata: Metadata, certificate: string, privateKey: pulumi.Input<string>): k8s.core.v1.SecretArgs {
  return {
    metadata,
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": certificate, "tls.key": pulumi.secret(privateKey) },
  };
}
