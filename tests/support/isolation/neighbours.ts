/** N: what is a neighbour's, the platform's, or the cluster's. */
import { networkPolicyPolicyName } from "../../../components/workspaces/network-policy-policy.ts";
import { portalUser } from "../workspaces.ts";
import { type Actor, type Attempt, refused } from "./attempt.ts";
import { type Call, change, create, createInCluster, neighbour, own, pretending, read, remove } from "./calls.ts";
import { pod } from "./pods.ts";
import { binding, role } from "./rights.ts";
import { networkPolicy } from "./walls.ts";

const noEscalation = "RBAC: no escalation";

export const neighbourAttempts: readonly Attempt[] = [
  forbidden("N1", "read a neighbour's Secrets", read("secrets", neighbour)),
  forbidden("N2", "list the Secrets of the cluster", read("secrets")),
  forbidden("N3", "list pods of a neighbour", read("pods", neighbour)),
  forbidden("N4", "run commands in a neighbour's pods", {
    method: "POST",
    path: `/api/v1/namespaces/${neighbour}/pods/thing/exec?command=id&stdout=true`,
  }),
  forbidden("N5", "list namespaces (names of all users)", read("namespaces")),
  forbidden("N6", "read the neighbour's namespace", read("namespaces", undefined, neighbour)),
  forbidden("N7", "make a pod in the platform's namespace", create(pod(), "datalab-identity")),
  forbidden("N8", "label the own namespace privileged", labelling("pod-security.kubernetes.io/enforce", "privileged")),
  forbidden("N9", "take the mark of the workspace off", labelling("datalab.dev/workspace", null)),
  refused("mallory", "N10", "bind cluster-admin in the own namespace", noEscalation, create(binding("cluster-admin"))),
  forbidden(
    "N11",
    "bind cluster-admin in the cluster",
    createInCluster({ ...binding("cluster-admin"), kind: "ClusterRoleBinding" }),
  ),
  refused(
    "mallory",
    "N12",
    "bind the portal's own role in the own namespace",
    noEscalation,
    create(binding("onyxia-api")),
  ),
  refused("mallory", "N13", "a Role with escalate", noEscalation, create(role("roles", "escalate"))),
  forbidden("N14", "delete the quota", remove("resourcequotas", "onyxia-quota")),
  forbidden(
    "N15",
    "raise the quota",
    change("resourcequotas", "onyxia-quota", { spec: { hard: { "count/pods": "999" } } }),
  ),
  forbidden("N16", "impersonate the portal's account", pretending(portalUser, read("secrets", own)), "service"),
  forbidden("N17", "get a token of the portal's account", {
    ...create({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} }),
    path: "/api/v1/namespaces/datalab-portal/serviceaccounts/onyxia-api/token",
  }),
  forbidden(
    "N18",
    "ask for a client certificate of a user of one's choice (CSR)",
    createInCluster({
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name: "mine" },
      spec: { request: "", signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] },
    }),
  ),
  forbidden(
    "N19",
    "reach a kubelet through the API server (nodes/proxy)",
    read("nodes", undefined, "node-a/proxy/pods"),
  ),
  forbidden("N20", "read ConfigMaps of kube-system", read("configmaps", "kube-system")),
  forbidden(
    "N21",
    "a PersistentVolume with hostPath",
    createInCluster({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "mine" },
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/" } },
    }),
  ),
  forbidden(
    "N22a",
    "a webhook that sees all objects of the cluster",
    createInCluster({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "mine" },
    }),
  ),
  forbidden("N22b", "take an admission policy of the platform away", {
    method: "DELETE",
    path: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/datalab-workspace-pods",
  }),
  forbidden(
    "N23",
    "delete the NetworkPolicy of Keycloak",
    remove("networking.k8s.io/v1/networkpolicies", "keycloak", "datalab-identity"),
  ),
  refused(
    "mallory",
    "N24",
    "a NetworkPolicy that opens the own namespace to all",
    networkPolicyPolicyName,
    create(networkPolicy({ ingress: [{}] })),
    "the ingress controller, nobody else",
  ),
  forbidden(
    "N25",
    "a privileged ephemeral container",
    change("pods", "thing/ephemeralcontainers", {
      spec: { ephemeralContainers: [{ name: "e", image: "a", securityContext: { privileged: true } }] },
    }),
  ),
  forbidden("N26", "read a neighbour's Secrets", read("secrets", neighbour), "launcher"),
  forbidden("N27", "read Keycloak's administrator", read("secrets", "datalab-identity", "keycloak-admin"), "launcher"),
  forbidden("N28", "list the Secrets of the cluster", read("secrets"), "launcher"),
  forbidden("N29", "bind a role in a neighbour's namespace", create(binding("view"), neighbour), "launcher"),
  forbidden("N30", "delete a neighbour's volume", remove("persistentvolumeclaims", "thing", neighbour), "launcher"),
  forbidden("N31", "make anything in the platform's namespaces", create(pod(), "datalab-portal"), "launcher"),
  forbidden("N32", "list namespaces", read("namespaces"), "launcher"),
  forbidden(
    "N33",
    "act as the launcher of a neighbour's namespace",
    pretending(`system:serviceaccount:${neighbour}:datalab-launcher`, read("secrets", neighbour)),
    "service",
  ),
];

function forbidden(no: string, attempt: string, call: Call, who: Actor = "mallory"): Attempt {
  return refused(who, no, attempt, "RBAC", call);
}

function labelling(key: string, value: string | null): Call {
  return {
    method: "PATCH",
    path: `/api/v1/namespaces/${own}`,
    body: { metadata: { labels: { [key]: value } } },
  };
}
