import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { labelsFor } from "../kubernetes/labels.ts";

/** Class of every claim that names none: an encrypted disk, in the zone of the pod that uses it. */
export function gp3Class(): k8s.storage.v1.StorageClassArgs {
  return {
    metadata: {
      name: "gp3",
      labels: labelsFor("gp3"),
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
  };
}

/**
 * Directories of one shared file system, for volumes that pods on several nodes write to. Each volume is an access
 * point: its directory and its user are fixed by AWS, whatever the pod says.
 */
export function efsClass(fileSystemId: pulumi.Input<string>): k8s.storage.v1.StorageClassArgs {
  return {
    metadata: { name: "efs", labels: labelsFor("efs") },
    provisioner: "efs.csi.aws.com",
    parameters: { provisioningMode: "efs-ap", fileSystemId, directoryPerms: "700" },
    // The file system refuses whoever does not encrypt, or does not say who it is.
    mountOptions: ["tls", "iam"],
    volumeBindingMode: "Immediate",
    reclaimPolicy: "Delete",
  };
}
