/** R: what launches, services and people may hand out in a workspace, with `kubernetesRole: view`. */
import { rightsPolicyName } from "../../../components/workspaces/rights-policy.ts";
import { launcherUser } from "../workspaces.ts";
import { type Actor, admitted, type Attempt, refused } from "./attempt.ts";
import { create, createInCluster, type KubernetesObject, own, pretending, read } from "./calls.ts";

const group = "rbac.authorization.k8s.io";
const roles = "Roles that services of this namespace can have: view";
const subjectRule = "for its owner and its own ServiceAccounts";

export const rightsAttempts: readonly Attempt[] = [
  ...(["launcher", "mallory"] as const).flatMap((who, index) => rowsOf(who, index * 10)),
  refused(
    "mallory",
    "R31",
    "make the ServiceAccount of launches, to run as it",
    rightsPolicyName,
    create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "datalab-launcher" } }),
    "The ServiceAccount datalab-launcher is no one's",
  ),
  refused(
    "launcher",
    "R32",
    "make the ServiceAccount of launches, to run as it",
    rightsPolicyName,
    create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "datalab-launcher" } }),
    "The ServiceAccount datalab-launcher is no one's",
  ),
  refused("launcher", "R33", "a ClusterRole", "RBAC", createInCluster({ ...role("pods", "get"), kind: "ClusterRole" })),
  admitted(
    "service",
    "R34",
    "act as the launch of the own workspace, with `edit` or `admin`",
    "Kubernetes gives `edit` and `admin` the own namespace's ServiceAccounts; a launch holds `admin` there and nothing elsewhere",
    pretending(launcherUser(own), read("configmaps", own)),
  ),
];

function rowsOf(who: Actor, offset: number): readonly Attempt[] {
  const no = (number: number) => `R${offset + number}`;
  const notBound = (number: number, attempt: string, object: KubernetesObject, says: string) =>
    refused(who, no(number), attempt, rightsPolicyName, create(object), says);
  return [
    notBound(1, "bind `admin` to a service", binding("admin"), roles),
    notBound(2, "bind `edit` to a service", binding("edit"), roles),
    notBound(3, "a Role of one's own", role("configmaps", "get"), "get a role of the cluster, none of their own"),
    notBound(
      4,
      "bind a Role of one's own",
      { ...binding("any"), roleRef: { apiGroup: group, kind: "Role", name: "mine" } },
      roles,
    ),
    notBound(5, "bind `view` to a neighbour's service", binding("view", account("user-alice")), subjectRule),
    notBound(
      6,
      "bind `view` to a user",
      binding("view", { apiGroup: group, kind: "User", name: "oidc-bob" }),
      subjectRule,
    ),
    notBound(
      7,
      "bind `view` to everybody who is logged in",
      binding("view", { apiGroup: group, kind: "Group", name: "system:authenticated" }),
      subjectRule,
    ),
    admitted(
      who,
      no(8),
      "bind `view` to a service of the own workspace",
      "what `kubernetesRole` is for",
      create(binding("view")),
    ),
  ];
}

/** A Role of one verb. The role `mine` is there. */
export function role(resource: string, verb: string): KubernetesObject {
  const apiGroup = resource === "roles" ? group : "";
  return {
    apiVersion: `${group}/v1`,
    kind: "Role",
    metadata: { name: "attempt" },
    rules: [{ apiGroups: [apiGroup], resources: [resource], verbs: [verb] }],
  };
}

/** A RoleBinding of a ClusterRole. @param subject a service of the own workspace unless said otherwise */
export function binding(clusterRole: string, subject: KubernetesObject = account(own)): KubernetesObject {
  return {
    apiVersion: `${group}/v1`,
    kind: "RoleBinding",
    metadata: { name: "attempt" },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: clusterRole },
    subjects: [subject],
  };
}

function account(namespace: string): KubernetesObject {
  return { kind: "ServiceAccount", name: "service", namespace };
}
