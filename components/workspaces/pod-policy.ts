import { type Policy, workspacePolicy } from "./policy.ts";

export const podPolicyName = "datalab-workspace-pods";

/**
 * Types of volumes that stay inside the workspace. Level `baseline` of Pod Security admits nfs, iscsi and inline CSI
 * too: with those a pod reaches any server that its node reaches, as root.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
const volumeTypes = [
  "configMap",
  "secret",
  "emptyDir",
  "projected",
  "downwardAPI",
  "persistentVolumeClaim",
  "ephemeral",
  // An image is pulled like that of a container, and mounted read-only.
  "image",
];

/** Pods of a workspace keep to their namespace, to the scheduler, and behind the platform's pods. */
export function podPolicy(): Policy {
  return workspacePolicy(
    podPolicyName,
    [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
    [
      {
        expression: `object.spec.?volumes.orValue([]).all(volume, ${volumeTypes.map((type) => `has(volume.${type})`).join(" || ")})`,
        message: `Volumes of this namespace's pods are of the types ${volumeTypes.join(", ")}.`,
      },
      {
        // The class is resolved to a number before policies look.
        expression: "object.spec.?priority.orValue(0) <= 0",
        message: "Pods of this namespace have no priority over others: leave out priorityClassName.",
      },
      {
        // A named node takes the pod past its taints.
        expression: "!has(object.spec.nodeName)",
        message: "Pods of this namespace are placed by the scheduler: leave out nodeName.",
      },
    ],
    { operations: ["CREATE"] },
  );
}
