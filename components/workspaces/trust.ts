import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { caBundleKey } from "../kubernetes/ca-bundle.ts";
import { labelsInWorkspace, trustName } from "./names.ts";

/** ConfigMap with the authorities of the platform's certificates, for charts and people. */
export function trustConfigMap(caBundle: pulumi.Input<string>): k8s.core.v1.ConfigMapArgs {
  return { metadata: { name: trustName, labels: labelsInWorkspace(trustName) }, data: { [caBundleKey]: caBundle } };
}
