import type { AccessModel } from "../access/access-model.ts";
import { certificatePolicy, certificatePolicyName } from "./certificate-policy.ts";
import { ingressPolicy, ingressPolicyName } from "./ingress-policy.ts";
import { networkPolicyPolicy, networkPolicyPolicyName } from "./network-policy-policy.ts";
import { podPolicy, podPolicyName } from "./pod-policy.ts";
import type { Policy } from "./policy.ts";
import { rightsPolicy, rightsPolicyName } from "./rights-policy.ts";
import { servicePolicy, servicePolicyName } from "./service-policy.ts";
import type { WorkspaceServices } from "./settings.ts";
import { wallsPolicy, wallsPolicyName } from "./walls-policy.ts";

export interface PoliciesOptions {
  readonly access: Pick<AccessModel, "hyphenatedNames">;
  /** Domain that the hosts of services lie below. */
  readonly servicesDomain: string;
  /** The platform's ingress controller. */
  readonly ingress: { readonly className: string; readonly namespace: string };
  readonly services: WorkspaceServices;
}

/** Every rule for what is in a workspace, by the policy's name. */
export function workspacePolicies(options: PoliciesOptions): Readonly<Record<string, Policy>> {
  const { access, servicesDomain, ingress, services } = options;
  const { hyphenatedNames } = access;
  return {
    [certificatePolicyName]: certificatePolicy(),
    [ingressPolicyName]: ingressPolicy({ servicesDomain, className: ingress.className, hyphenatedNames }),
    [podPolicyName]: podPolicy(),
    [rightsPolicyName]: rightsPolicy(services.kubernetesRole),
    [servicePolicyName]: servicePolicy(),
    [wallsPolicyName]: wallsPolicy(),
    ...(services.networkIsolation ? { [networkPolicyPolicyName]: networkPolicyPolicy(ingress.namespace) } : {}),
  };
}
