/** The platform's rules for workspaces, as objects for a real API server, made by the product's own builders. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { accessModel } from "../../components/access/access-model.ts";
import {
  apiServerRole,
  apiServerRoleBinding,
  portalClusterRole,
  portalClusterRoleBinding,
} from "../../components/portal/permissions.ts";
import { portalPolicy, portalPolicyName } from "../../components/portal/portal-policy.ts";
import { ownerAnnotation, regionOf } from "../../components/portal/region.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { placeholders } from "../../components/workspaces/names.ts";
import { workspaceObjects } from "../../components/workspaces/objects.ts";
import { chartKindsRole, portalRole } from "../../components/workspaces/permissions.ts";
import { enforced, type Policy } from "../../components/workspaces/policy.ts";
import { workspacePolicies } from "../../components/workspaces/policies.ts";
import { access, hosts, regionInputs } from "./portal.ts";

export type KubernetesObject = Record<string, unknown>;

const admission = "admissionregistration.k8s.io/v1";
const rbac = "rbac.authorization.k8s.io/v1";
const ingress = { className: "nginx", namespace: "datalab-ingress", podHttpsPort: 8443 };

/** User names of the portal's account, and of the launcher of a workspace. */
export const portalUser = "system:serviceaccount:datalab-portal:onyxia-api";
export const launcherUser = (namespace: string) => `system:serviceaccount:${namespace}:datalab-launcher`;

export interface RuleOptions {
  /** @default false */
  readonly hyphenatedNames?: boolean;
}

/** Every policy, by its name. @param input settings of the portal */
export function allPolicies(
  input: unknown = {},
  { hyphenatedNames = false }: RuleOptions = {},
): Readonly<Record<string, Policy>> {
  const { services } = portalSettings.parse(input);
  const model = accessModel({ domain: "example.test", realm: "datalab", hyphenatedNames });
  return {
    [portalPolicyName]: portalPolicy(model, services.podSecurity),
    ...workspacePolicies({ access: model, servicesDomain: hosts.services, ingress, services }),
  };
}

/** Everything cluster-wide: policies in force, roles, and the portal's rights. @param input settings of the portal */
export function clusterRules(input: unknown = {}, options: RuleOptions = {}): KubernetesObject[] {
  const settings = portalSettings.parse(input);
  const policies = allPolicies(input, options);
  return [
    ...Object.entries(policies).flatMap(([name, policy]) => [
      { apiVersion: admission, kind: "ValidatingAdmissionPolicy", ...policy },
      { apiVersion: admission, kind: "ValidatingAdmissionPolicyBinding", ...enforced(name) },
    ]),
    { apiVersion: rbac, kind: "ClusterRole", ...portalRole() },
    { apiVersion: rbac, kind: "ClusterRole", ...chartKindsRole(settings.chartKinds) },
    { apiVersion: rbac, kind: "ClusterRole", ...portalClusterRole() },
    { apiVersion: rbac, kind: "ClusterRoleBinding", ...portalClusterRoleBinding() },
    { apiVersion: rbac, kind: "Role", ...apiServerRole() },
    { apiVersion: rbac, kind: "RoleBinding", ...apiServerRoleBinding() },
  ];
}

/** A workspace as Onyxia makes it at a login: namespace, quota, and the owner's binding. */
export function onboarding(namespace: string, input: unknown = {}): KubernetesObject[] {
  const { services } = regionOf(regionInputs(input));
  const isUser = namespace.startsWith(services.namespacePrefix);
  const owner = namespace.slice((isUser ? services.namespacePrefix : services.groupNamespacePrefix).length);
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: services.namespaceLabels,
        annotations: { [ownerAnnotation]: `id-of-${owner}` },
      },
    },
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "onyxia-quota", namespace },
      spec: { hard: isUser ? services.quotas.user : services.quotas.group },
    },
    {
      apiVersion: rbac,
      kind: "RoleBinding",
      metadata: { name: "full_control_namespace", namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: isUser ? "User" : "Group", name: `oidc-${owner}` }],
    },
  ];
}

/** What the launcher puts into a workspace, with the address of an API server. */
export function workspaceContents(namespace: string, input: unknown = {}): KubernetesObject[] {
  const { objects, files } = workspaceObjects({ ...portalSettings.parse(input), ingress, privateCa: false });
  const kind = namespace.startsWith(access.namespacePrefix) ? "user" : "group";
  return objects
    .filter(({ only }) => only === undefined || only === kind)
    .map(({ file }) => {
      const text = (files[file] ?? "")
        .replaceAll(placeholders.namespace, namespace)
        .replace(`"${placeholders.apiServer}"`, '[{"ipBlock":{"cidr":"192.0.2.1/32"}}]')
        .replace(`"${placeholders.apiServerPort}"`, "6443");
      const object = JSON.parse(text) as KubernetesObject;
      return { ...object, metadata: { ...(object["metadata"] as object), namespace } };
    });
}

/** Makes a workspace on a platform, with what its launcher would put there by the files that it has. */
export async function giveWorkspace(kubectl: (...args: string[]) => Promise<string>, namespace: string): Promise<void> {
  const read = async (...args: string[]) => JSON.parse(await kubectl("get", ...args, "-o", "json")) as KubernetesObject;
  const dataOf = async (name: string) =>
    (await read("--namespace", "datalab-portal", "configmap", name))["data"] as Record<string, string>;
  const files = { ...(await dataOf("onyxia-workspaces")), ...(await dataOf("onyxia-workspace-trust")) };
  const { endpoints, ports } = (await read("--namespace", "default", "endpointslice", "kubernetes")) as unknown as {
    endpoints: { addresses: string[] }[];
    ports: { port: number }[];
  };
  const peers = endpoints
    .flatMap(({ addresses }) => addresses)
    .map((address) => ({ ipBlock: { cidr: `${address}/32` } }));
  const lines = (files["index"] ?? "").trim().split("\n");
  const items = lines
    .map((line) => line.split(" "))
    .filter(([only = ""]) => only !== "group")
    .map(([, file = ""]) =>
      (files[file] ?? "")
        .replaceAll(placeholders.namespace, namespace)
        .replace(`"${placeholders.apiServer}"`, JSON.stringify(peers))
        .replace(`"${placeholders.apiServerPort}"`, String(ports[0]?.port)),
    )
    .map((text) => JSON.parse(text) as KubernetesObject);
  const folder = mkdtempSync(join(tmpdir(), "datalab-workspace-"));
  try {
    const file = join(folder, "objects.json");
    const list = [...onboarding(namespace).slice(0, 1), ...items];
    const inPlace = list.map((object) => {
      const metadata = { ...(object["metadata"] as object) };
      return { ...object, metadata: object["kind"] === "Namespace" ? metadata : { ...metadata, namespace } };
    });
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: inPlace }));
    await kubectl("apply", "--server-side", "--filename", file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
