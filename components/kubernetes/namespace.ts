import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "./labels.ts";

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurityLevel = "restricted" | "baseline" | "privileged";

/** A namespace whose pods the API server checks against a Pod Security level. */
export function namespaceArgs(name: string, level: PodSecurityLevel = "restricted"): k8s.core.v1.NamespaceArgs {
  return {
    metadata: {
      name,
      labels: {
        ...labelsFor(name),
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
      },
    },
  };
}
