import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { enforced } from "../workspaces/policy.ts";
import { issuerPolicy, type IssuerPolicyArgs, issuerPolicyName } from "./issuer-policy.ts";

/**
 * Holds the platform's own ClusterIssuer to the platform's own names.
 *
 * @example
 * ```ts
 * const domains = [hosts.domain, hosts.services];
 * new IssuerGuard("issuer-guard", { issuerName: issuer.issuerName, namespace: ingress.namespace, domains }, inside);
 * ```
 */
export class IssuerGuard extends pulumi.ComponentResource {
  constructor(name: string, args: IssuerPolicyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:certificates:IssuerGuard", name, { issuerName: args.issuerName }, opts);
    const { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } = k8s.admissionregistration.v1;
    new ValidatingAdmissionPolicy(`${name}-policy`, issuerPolicy(args), { parent: this });
    new ValidatingAdmissionPolicyBinding(`${name}-policy-binding`, enforced(issuerPolicyName), { parent: this });
    this.registerOutputs({});
  }
}
