/** What the platform limits in a workspace beside Onyxia's own quota, which holds requests and the number of pods. */
import type * as k8s from "@pulumi/kubernetes";

import { labelsInWorkspace, limitsName } from "./names.ts";
import type { WorkspaceQuota, WorkspaceServices } from "./settings.ts";

/**
 * Most objects of one kind, for each kind that `admin` of a namespace may create. They are kept in etcd, whose space is
 * the whole cluster's; a release of helm is a Secret of up to 1 MB, and a launch of Onyxia makes about ten.
 */
const objects = {
  "count/secrets": 300,
  "count/configmaps": 200,
  "count/services": 100,
  "count/serviceaccounts": 100,
  "count/persistentvolumeclaims": 60,
  "count/ingresses.networking.k8s.io": 100,
  "count/networkpolicies.networking.k8s.io": 100,
  "count/roles.rbac.authorization.k8s.io": 60,
  "count/rolebindings.rbac.authorization.k8s.io": 60,
  "count/deployments.apps": 60,
  "count/statefulsets.apps": 60,
  "count/daemonsets.apps": 30,
  "count/replicasets.apps": 300,
  "count/replicationcontrollers": 30,
  "count/jobs.batch": 100,
  "count/cronjobs.batch": 30,
  "count/horizontalpodautoscalers.autoscaling": 60,
  "count/poddisruptionbudgets.policy": 60,
  // Programs that elect a leader make one each.
  "count/leases.coordination.k8s.io": 60,
  "count/resourceclaims.resource.k8s.io": 60,
  "count/resourceclaimtemplates.resource.k8s.io": 60,
} as const;

/** Sums of the workspace. */
export function resourceQuota(quota: WorkspaceQuota): k8s.core.v1.ResourceQuotaArgs {
  return {
    metadata: { name: limitsName, labels: labelsInWorkspace(limitsName) },
    spec: {
      hard: {
        ...Object.fromEntries(Object.entries(objects).map(([kind, most]) => [kind, String(most)])),
        ...(quota.enabled
          ? { "limits.memory": quota.memoryLimit, "limits.ephemeral-storage": quota.ephemeralStorage }
          : {}),
      },
    },
  };
}

/**
 * Bounds of one container and of one volume: the launch form's sliders stop there, and hand-made values do too. What a
 * container leaves out is filled in, so that nothing runs without limits.
 */
export function limitRange({ cpu, memory, storage, ephemeralStorage }: WorkspaceServices): k8s.core.v1.LimitRangeArgs {
  return {
    metadata: { name: limitsName, labels: labelsInWorkspace(limitsName) },
    spec: {
      limits: [
        {
          type: "Container",
          max: { cpu: cpu.most, memory: memory.most, "ephemeral-storage": ephemeralStorage.most },
          default: { cpu: cpu.limit, memory: memory.limit, "ephemeral-storage": ephemeralStorage.limit },
          defaultRequest: { cpu: cpu.request, memory: memory.request, "ephemeral-storage": ephemeralStorage.request },
        },
        { type: "PersistentVolumeClaim", max: { storage: storage.most } },
      ],
    },
  };
}
