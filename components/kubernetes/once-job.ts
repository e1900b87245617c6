import { createHash } from "node:crypto";

import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "./labels.ts";

export interface OnceJobSettings {
  /** Beginning of its name, and that of its pods. */
  readonly name: string;
  readonly namespace: string;
  /** All that it would do: another value is another Job. */
  readonly does: unknown;
  readonly backoffLimit: number;
  readonly podSpec: k8s.types.input.core.v1.PodSpec;
}

/** A Job that runs once. It cannot be changed: what it does is part of its name, so that a change is another Job. */
export function onceJob({ name, namespace, does, backoffLimit, podSpec }: OnceJobSettings): k8s.batch.v1.JobArgs {
  const hash = createHash("sha256").update(JSON.stringify(does)).digest("hex");
  return {
    metadata: {
      name: `${name}-${hash.slice(0, 10)}`,
      namespace,
      labels: labelsFor(name),
      // One that has failed is made again by the next `pulumi up` instead of failing it for ever.
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: {
      backoffLimit,
      // Less than the ten minutes that the engine waits.
      activeDeadlineSeconds: 540,
      template: { metadata: { labels: labelsFor(name) }, spec: podSpec },
    },
  };
}
