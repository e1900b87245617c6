import { type Policy, exceptPlatform, workspacePolicy } from "./policy.ts";

export const networkPolicyPolicyName = "datalab-workspace-connections";

/**
 * NetworkPolicies add up: one of a chart could open what the platform's keeps closed. Those of charts and people may
 * open connections to their own namespace and from the ingress controller, or nothing.
 */
export function networkPolicyPolicy(ingressNamespace: string): Policy {
  // `has` on what may be an empty selector: all pods of this namespace.
  const own = "has(peer.podSelector) && !has(peer.namespaceSelector) && !has(peer.ipBlock)";
  const controller = `!has(peer.ipBlock) && peer.?namespaceSelector.?matchLabels[?"kubernetes.io/metadata.name"].orValue("") == "${ingressNamespace}"`;
  return workspacePolicy(
    networkPolicyPolicyName,
    [{ apiGroups: ["networking.k8s.io"], apiVersions: ["*"], resources: ["networkpolicies"] }],
    [
      {
        expression: `object.spec.?ingress.orValue([]).all(rule, size(rule.?from.orValue([])) > 0 && rule.from.all(peer, (${own}) || (${controller})))`,
        message:
          "NetworkPolicies of this namespace may let in pods of this namespace and the ingress controller, nobody else.",
      },
      {
        expression: `object.spec.?egress.orValue([]).all(rule, size(rule.?to.orValue([])) > 0 && rule.to.all(peer, ${own}))`,
        message: "NetworkPolicies of this namespace may open the way to pods of this namespace, to nothing else.",
      },
    ],
    { matchConditions: exceptPlatform },
  );
}
