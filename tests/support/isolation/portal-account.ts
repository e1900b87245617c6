/** A: the portal's own account, by a token of it, as whoever has taken over the API's pod would use it. */
import { launcherUser } from "../workspaces.ts";
import { admitted, type Attempt, refused } from "./attempt.ts";
import { change, create, createInCluster, own, pretending, read, remove } from "./calls.ts";
import {
  bind,
  changed,
  configMap,
  confined,
  fixedRoles,
  forbidden,
  labelling,
  makeWorkspace,
  owning,
} from "./portal-calls.ts";
import { binding } from "./rights.ts";
import { networkPolicy } from "./walls.ts";

const enforce = "pod-security.kubernetes.io/enforce";

const level = "enforce the Pod Security level";
const fixedNames = "writes what is the platform's in a workspace";
const fixedSubjects = "to its owner, to launches and to itself";
const podRule = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/datalab-workspace-pods";
const everybody = { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:authenticated" };
const bob = { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "oidc-bob" };
const portal = { kind: "ServiceAccount", name: "onyxia-api", namespace: "datalab-portal" };

export const portalAttempts: readonly Attempt[] = [
  forbidden("A1", "read Keycloak's administrator", read("secrets", "datalab-identity", "keycloak-admin")),
  forbidden("A2", "read the private key of *.`<domain>`", read("secrets", "datalab-ingress", "wildcard")),
  forbidden("A3", "read the key of the private authority", read("secrets", "cert-manager", "datalab-ca")),
  forbidden("A4", "list all Secrets of the cluster", read("secrets")),
  forbidden("A5", "change Keycloak's administrator", change("secrets", "keycloak-admin", {}, "datalab-identity")),
  confined("A6", "make a privileged workspace", makeWorkspace("user-bob", { [enforce]: "privileged" }), level),
  confined("A7", "pin Pod Security to v1.0", makeWorkspace("user-bob", { [`${enforce}-version`]: "v1.0" }), level),
  confined("A8", "bind `admin` to everybody in a workspace", bind("full_control_namespace", everybody), fixedSubjects),
  confined("A9", "bind `admin` to a service", create(binding("admin")), fixedNames),
  confined(
    "A10",
    "bind `admin` to a service under the name of the launcher's binding",
    bind("datalab-launcher"),
    fixedSubjects,
  ),
  confined("A11", "bind `admin` to another user", bind("full_control_namespace", bob), fixedSubjects),
  confined("A12", "bind `admin` to itself", bind("datalab-portal", portal), fixedRoles),
  confined(
    "A13",
    "bind `admin` to itself under the name of the launcher's binding",
    bind("datalab-launcher", portal),
    fixedSubjects,
  ),
  confined("A14", "make a ConfigMap of any name in a workspace", create(configMap("attempt")), fixedNames),
  confined(
    "A15",
    "make a NetworkPolicy of any name in a workspace",
    create(networkPolicy({ ingress: [{}] })),
    fixedNames,
  ),
  confined(
    "A16",
    "make a Secret of any name in a workspace",
    create({ ...configMap("attempt"), kind: "Secret" }),
    fixedNames,
  ),
  admitted(
    "portal",
    "A17",
    "make the Secret in which Onyxia keeps a service's name",
    "Onyxia needs it",
    create({ ...configMap("sh.onyxia.release.v1.jupyter-1"), kind: "Secret" }),
  ),
  confined(
    "A18",
    "write a wall's object outside of workspaces",
    create(configMap("datalab-trust"), "kube-system"),
    "only in namespaces",
  ),
  confined(
    "A19",
    "adopt a namespace that has a user's prefix for another reason",
    labelling("user-management"),
    "carry the label",
  ),
  confined(
    "A20",
    "write in it",
    create(configMap("datalab-trust"), "user-management"),
    "only in namespaces with the label",
  ),
  confined(
    "A21",
    "make a workspace for a name with a hyphen",
    makeWorkspace("user-mallory-x"),
    "rule for names allows",
  ),
  confined(
    "A22",
    "make a namespace without the mark",
    makeWorkspace("user-bob", { "datalab.dev/workspace": "false" }),
    "carry the label",
  ),
  confined("A23", "take the mark off", labelling(own, "false"), "carry the label"),
  confined(
    "A51",
    "let a new account of the same name into a workspace",
    owning(own, "another"),
    "another account of the same name",
  ),
  admitted("portal", "A52", "let the owner in again", "it is the same account", owning(own, "id-of-mallory")),
  confined("A24", "make a namespace of the platform's", makeWorkspace("datalab-more"), "rule for names allows"),
  forbidden("A25", "delete a workspace", { method: "DELETE", path: `/api/v1/namespaces/${own}` }),
  forbidden("A26", "list pods outside of workspaces", read("pods", "datalab-identity")),
  forbidden("A27", "list the Secrets of a workspace", read("secrets", own)),
  admitted("portal", "A28", "read a Secret of a workspace by name", "Onyxia keeps services' names there", {
    ...read("secrets", own, "password"),
  }),
  forbidden("A29", "run commands in a workspace's pods", {
    method: "POST",
    path: `/api/v1/namespaces/${own}/pods/thing/exec?command=id&stdout=true`,
  }),
  forbidden("A30", "launch anything itself", create({ apiVersion: "v1", kind: "Pod", metadata: { name: "attempt" } })),
  forbidden(
    "A31",
    "act as a service of a workspace",
    pretending(`system:serviceaccount:${own}:service`, read("pods", own)),
  ),
  forbidden("A32", "act as a user", pretending("oidc-mallory", read("pods", own))),
  forbidden("A33", "act as an administrator", pretending("system:admin", read("secrets"))),
  admitted(
    "portal",
    "A34",
    "act as the launch of a workspace",
    "that is how it launches; whoever runs code in the API's pod can do so too",
    pretending(launcherUser(own), read("secrets", own)),
  ),
  forbidden("A35", "read ConfigMaps outside of workspaces", read("configmaps", "datalab-portal")),
  forbidden("A36", "give rights in the cluster", createInCluster({ ...binding("view"), kind: "ClusterRoleBinding" })),
  forbidden("A37", "delete a wall", remove("networking.k8s.io/v1/networkpolicies", "datalab-connections")),
  refused(
    "portal",
    "A38",
    "bind cluster-admin in a workspace",
    "RBAC: no escalation",
    bind("datalab-launcher", portal, "cluster-admin"),
  ),
  confined(
    "A39",
    "make a workspace of the name that an old group would have",
    makeWorkspace("project-a-b"),
    "rule for names allows",
  ),
  forbidden("A47", "take the rule for pods away", { method: "DELETE", path: podRule }),
  admitted(
    "portal",
    "A40",
    "change the walls of a workspace",
    "the launcher puts them in place with this account",
    change("networking.k8s.io/v1/networkpolicies", "datalab-connections", changed),
  ),
  admitted(
    "portal",
    "A48",
    "change the binding of launches",
    "the same; it stays bound to its role and its account, see A10, A12 and A13",
    change("rbac.authorization.k8s.io/v1/rolebindings", "datalab-launcher", changed),
  ),
];
