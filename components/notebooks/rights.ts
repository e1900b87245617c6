/** What the hub may do in its namespace, and what people's servers may have there. */
import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import { platformPriority } from "../kubernetes/priority-class.ts";
import { namespaces } from "../names.ts";
import { bytesOf } from "../scalars.ts";
import { hubName, userHomesName, userServerName } from "./names.ts";
import type { NotebooksSettings } from "./settings.ts";
import { mostMemory } from "./spawner.ts";

const namespace = namespaces.notebooks;
const metadata = { name: hubName, namespace, labels: labelsFor(hubName) };

/** Pods, homes and what happens to them. No Secret: whoever reads those of this namespace is every person at once. */
export function hubRole(): k8s.rbac.v1.RoleArgs {
  return {
    metadata,
    rules: [
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "create", "delete"] },
      { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list", "create", "delete"] },
      { apiGroups: [""], resources: ["events"], verbs: ["get", "list", "watch"] },
    ],
  };
}

export function hubRoleBinding(): k8s.rbac.v1.RoleBindingArgs {
  return {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: hubName },
    subjects: [{ kind: "ServiceAccount", name: hubName, namespace }],
  };
}

/** Sums of people's servers: the platform's own pods have a priority, and do not count. */
export function serversQuota({ limits }: NotebooksSettings): k8s.core.v1.ResourceQuotaArgs {
  const scope = { scopeName: "PriorityClass", operator: "NotIn", values: [platformPriority] };
  return {
    metadata: { name: userServerName, namespace, labels: labelsFor(userServerName) },
    spec: {
      hard: { pods: String(limits.servers), "requests.cpu": limits.cpu, "limits.memory": limits.memory },
      scopeSelector: { matchExpressions: [scope] },
    },
  };
}

/** Sum of people's homes, beside the hub's own volume. */
export function homesQuota({ limits, database }: NotebooksSettings): k8s.core.v1.ResourceQuotaArgs {
  return {
    metadata: { name: userHomesName, namespace, labels: labelsFor(userHomesName) },
    spec: {
      hard: { "requests.storage": String(bytesOf(limits.storage) + bytesOf(database.storage.size)) },
    },
  };
}

/** Bounds of one container and of one volume. */
export function limitRange(settings: NotebooksSettings): k8s.core.v1.LimitRangeArgs {
  const { hub, proxy, database, homes } = settings;
  const memories = [hub, proxy, database].map(({ resources }) => bytesOf(resources.memory));
  const volumes = [homes.size, database.storage.size].map(bytesOf);
  return {
    metadata: { name: userServerName, namespace, labels: labelsFor(userServerName) },
    spec: {
      limits: [
        { type: "Container", max: { memory: String(Math.max(mostMemory(settings), ...memories)) } },
        { type: "PersistentVolumeClaim", max: { storage: String(Math.max(...volumes)) } },
      ],
    },
  };
}
