import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { enforced } from "../workspaces/policy.ts";
import { deletionPolicy, deletionPolicyName } from "./deletion-policy.ts";

export interface DataProtectionArgs {
  /** Namespaces whose claims hold the platform's data. */
  readonly namespaces: readonly string[];
}

/**
 * The API server's part of `platform.protectData`: nobody deletes what holds data. It stands after everything else in the
 * graph, so that it goes first when the stack allows the deletion.
 */
export class DataProtection extends pulumi.ComponentResource {
  constructor(name: string, args: DataProtectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:data-protection:DataProtection", name, { namespaces: args.namespaces }, opts);
    const { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } = k8s.admissionregistration.v1;
    new ValidatingAdmissionPolicy(`${name}-policy`, deletionPolicy(args.namespaces), { parent: this });
    new ValidatingAdmissionPolicyBinding(`${name}-binding`, enforced(deletionPolicyName), { parent: this });
    this.registerOutputs({});
  }
}
