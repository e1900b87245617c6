import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { platformPriorityClass } from "../kubernetes/priority-class.ts";

/**
 * The priority of the platform's pods. The API server refuses a pod whose class is not there: all else comes after it.
 *
 * @example
 * ```ts
 * new PlatformPriority("priority", inside);
 * ```
 */
export class PlatformPriority extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:cluster:PlatformPriority", name, {}, opts);
    new k8s.scheduling.v1.PriorityClass(`${name}-class`, platformPriorityClass(), { parent: this });
    this.registerOutputs({});
  }
}
