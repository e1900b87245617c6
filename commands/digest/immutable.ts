/**
 * Fields that nobody can change in place: another value makes another resource. Two commits are compared without asking
 * a provider, because the state of neither need exist.
 */
import { isImmutable as isImmutableOnAws } from "./immutable-aws.ts";

const selector = "spec.selector";

/**
 * Of Kubernetes, by kind.
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/v4.25.0/provider/pkg/provider/diff.go
 */
const kubernetes: Readonly<Record<string, readonly string[]>> = {
  DaemonSet: [selector],
  Deployment: [selector],
  StatefulSet: [
    ...["spec.podManagementPolicy", "spec.revisionHistoryLimit", selector, "spec.serviceName"],
    "spec.volumeClaimTemplates",
  ],
  Job: ["spec.completions", "spec.parallelism", selector, "spec.template"],
  PersistentVolumeClaim: ["spec.accessModes", selector, "spec.storageClassName", "spec.volumeName"],
  Secret: ["type"],
  Service: ["spec.clusterIP"],
  ResourceQuota: ["spec.scopes"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  StorageClass: ["parameters", "provisioner"],
};

/** Of a provider: objects of another cluster, or of another region, are other objects. */
const providers: Readonly<Record<string, readonly string[]>> = {
  "pulumi:providers:kubernetes": ["clusterIdentifier"],
  "pulumi:providers:aws": ["region"],
};

/** Whether another value at this place makes another resource. `own` are the fields that the program itself names. */
export function isImmutable(type: string, path: string, own: readonly string[] = []): boolean {
  if (own.some((field) => isAt(path, field))) return true;
  // What was generated is kept: any other input generates anew.
  if (type.startsWith("random:") || type.startsWith("tls:")) return true;
  if (type.startsWith("aws:")) return isImmutableOnAws(type, path);
  const fields = type.startsWith("kubernetes:")
    ? ["apiVersion", "kind", "metadata.name", "metadata.namespace", ...(kubernetes[type.split(":").at(-1) ?? ""] ?? [])]
    : (providers[type] ?? []);
  return fields.some((field) => isAt(path, field));
}

function isAt(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}
