import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { deletionBinding, deletionPolicy } from "./deletion-policy.ts";

export interface DataProtectionArgs {
  /** Namespaces whose claims hold the platform's data. */
  readonly namespaces: readonly string[];
  /** Whether a deletion is refused. Else it is only noted in the API server's audit log. */
  readonly protectData: boolean;
}

/**
 * The API server's part of `platform.protectData`: nobody deletes what holds data.
 *
 * It is always there, and waits for nothing: what a changed stack file allows is in force at the beginning of `up`, and the
 * deletions come at its end. The API server takes a second to read a rule.
 *
 * @example
 * ```ts
 * new DataProtection("data-protection", { namespaces: ["datalab-identity"], protectData: true }, inside);
 * ```
 */
export class DataProtection extends pulumi.ComponentResource {
  constructor(name: string, args: DataProtectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:data-protection:DataProtection", name, { ...args }, opts);
    const { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } = k8s.admissionregistration.v1;
    new ValidatingAdmissionPolicy(`${name}-policy`, deletionPolicy(args.namespaces), { parent: this });
    const binding = deletionBinding(args.protectData);
    new ValidatingAdmissionPolicyBinding(`${name}-policy-binding`, binding, { parent: this });
    this.registerOutputs({});
  }
}
