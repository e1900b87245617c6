import * as pulumi from "@pulumi/pulumi";

import type { CertificateIssuer } from "../contracts.ts";

export interface ExistingIssuerArgs {
  /** Name of the ClusterIssuer. */
  readonly issuerName: string;
  /** PEM of the authority. @default a public one, which every pod trusts */
  readonly caBundle?: string | undefined;
}

/** A ClusterIssuer that is in the cluster already. Nothing is created. */
export function existingIssuer({ issuerName, caBundle }: ExistingIssuerArgs): CertificateIssuer {
  return { issuerName, caBundle: caBundle === undefined ? undefined : pulumi.output(caBundle) };
}
