import { type Policy, workspacePolicy } from "./policy.ts";

/** Keeps the Services of a workspace inside the cluster. */
export const servicePolicyName = "datalab-workspace-services";

/**
 * The Ingresses are the only way into a workspace. A load balancer that Kubernetes makes is unknown to Pulumi: it is
 * billed, and keeps the network of a cluster on AWS from being deleted. A node port could take the one that the
 * platform's own load balancer sends visitors to. External addresses catch other people's traffic (CVE-2020-8554).
 */
export function servicePolicy(): Policy {
  return workspacePolicy(
    servicePolicyName,
    [{ apiGroups: [""], apiVersions: ["v1"], resources: ["services"] }],
    [
      {
        // What was there before the policy can still be changed: its load balancer's controller has to sign it off.
        expression: `!(object.spec.type in ["LoadBalancer", "NodePort"]) || (oldObject != null && oldObject.spec.type == object.spec.type)`,
        message: "Services of this namespace are of type ClusterIP: use an Ingress to be reached from outside.",
      },
      {
        expression: `size(object.spec.?externalIPs.orValue([])) == 0`,
        message: "Services of this namespace may not claim external addresses.",
      },
      {
        // external-dns would make a record of any name for them.
        expression: `object.metadata.?annotations.orValue({}).all(key, !key.startsWith("external-dns."))`,
        message: "Services of this namespace get no DNS records.",
      },
    ],
  );
}
