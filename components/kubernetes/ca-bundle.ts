import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { labelsFor } from "./labels.ts";

/** Name of the ConfigMap that carries the platform's CA into a namespace. */
export const caBundleName = "platform-ca";
/** Key, and file name where mounted. */
export const caBundleKey = "ca.crt";

/** ConfigMap with the CA that the pods of a namespace trust. A certificate is public. */
export function caBundleConfigMap(namespace: string, caBundle: pulumi.Input<string>): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: { name: caBundleName, namespace, labels: labelsFor(caBundleName) },
    data: { [caBundleKey]: caBundle },
  };
}
