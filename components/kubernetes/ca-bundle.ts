import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { labelsFor } from "./labels.ts";

/** Name of the ConfigMap that carries the platform's CA into a namespace. */
export const caBundleName = "platform-ca";
/** Key, and file name where mounted. */
export const caBundleKey = "ca.crt";

/**
 * Makes a program in Go trust the files of a folder beside the system's bundle, which stays another list. The folder that
 * it looks into by default is named again.
 * @see https://pkg.go.dev/crypto/x509#SystemCertPool
 */
export function trustedFolder(folder: string): { readonly name: string; readonly value: string } {
  return { name: "SSL_CERT_DIR", value: `/etc/ssl/certs:${folder}` };
}

/** ConfigMap with the CA that the pods of a namespace trust. A certificate is public. */
export function caBundleConfigMap(namespace: string, caBundle: pulumi.Input<string>): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: { name: caBundleName, namespace, labels: labelsFor(caBundleName) },
    data: { [caBundleKey]: caBundle },
  };
}
