/** The namespace of a user or a group, with what the region asks for. */
import type { Kubernetes, KubernetesObject } from "./kubernetes.ts";
import type { Quota, Region } from "./region.ts";
import type { Project, User } from "./users.ts";

/** Name of the quota, and the annotation by which an administrator keeps his own. */
export const quotaName = "onyxia-quota";
const ignoreAnnotation = "onyxia_ignore";

export interface Workspace {
  readonly namespace: KubernetesObject;
  readonly binding: KubernetesObject;
  readonly quota: KubernetesObject | undefined;
}

/** @param now Milliseconds, for the annotation that tells when somebody was last here. */
export function workspaceOf(region: Region, user: User, project: Project, now: number): Workspace {
  const { services } = region;
  const { namespace: name, group } = project;
  const inside = { namespace: name, labels: { createdby: "onyxia" } };
  const subject =
    group === undefined
      ? { kind: "User", name: `${services.usernamePrefix}${user.idep ?? ""}` }
      : { kind: "Group", name: `${services.groupPrefix}${group}` };
  return {
    namespace: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name,
        labels: { onyxia_owner: group ?? user.idep, ...services.namespaceLabels },
        annotations: { ...services.namespaceAnnotations, ...dynamicAnnotations(region, user, now) },
      },
    },
    binding: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "full_control_namespace", ...inside },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", ...subject }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
    },
    quota: quotaOf(group === undefined ? services.userQuota : services.groupQuota, inside),
  };
}

/** Makes the workspace, or brings it up to date. */
export async function createWorkspace(kubernetes: Kubernetes, workspace: Workspace): Promise<void> {
  const { namespace, binding, quota } = workspace;
  const { name } = namespace.metadata;
  await kubernetes.apply("/api/v1/namespaces", namespace);
  await kubernetes.createOrReplace(`/apis/rbac.authorization.k8s.io/v1/namespaces/${name}/rolebindings`, binding);
  if (quota === undefined) return;
  await kubernetes.createOrReplace(
    `/api/v1/namespaces/${name}/resourcequotas`,
    quota,
    ({ metadata }) => ignoreAnnotation in Object(metadata["annotations"] ?? {}),
  );
}

function dynamicAnnotations({ services }: Region, user: User, now: number): Record<string, string> {
  const { enabled, userAttributes } = services.dynamicAnnotations;
  if (!enabled) return {};
  const attributes = userAttributes.flatMap((name): [string, string][] => {
    const value = user.attributes[name];
    return typeof value === "string" ? [[`onyxia_${name}`, value]] : [];
  });
  return { onyxia_last_login_timestamp: String(now), ...Object.fromEntries(attributes) };
}

function quotaOf(hard: Quota | undefined, inside: object): KubernetesObject | undefined {
  if (hard === undefined) return undefined;
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: quotaName, ...inside }, spec: { hard } };
}
