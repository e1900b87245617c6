/** W: what the platform has put into a workspace, and what NetworkPolicies may open beside it; K: cert-manager's objects. */
import { certificatePolicyName } from "../../../components/workspaces/certificate-policy.ts";
import { networkPolicyPolicyName } from "../../../components/workspaces/network-policy-policy.ts";
import { wallsPolicyName } from "../../../components/workspaces/walls-policy.ts";
import { type Actor, admitted, type Attempt, refused } from "./attempt.ts";
import { type Call, change, create, type KubernetesObject, remove } from "./calls.ts";
import { binding } from "./rights.ts";

const policies = "networking.k8s.io/v1/networkpolicies";
const bindings = "rbac.authorization.k8s.io/v1/rolebindings";
const inbound = "the ingress controller, nobody else";
const outbound = "open the way to pods of this namespace, to nothing else";
const labelled = { metadata: { labels: { changed: "true" } } };

export const wallAttempts: readonly Attempt[] = [
  ...(["mallory", "launcher"] as const).flatMap((who, index) => rowsOf(who, index * 10)),
  kept("W21", "delete the authorities that services trust", remove("configmaps", "datalab-trust")),
  kept("W22", "put authorities of one's own into their place", change("configmaps", "datalab-trust", labelled)),
  kept("W23", "delete the binding of launches", remove(bindings, "datalab-launcher")),
  kept("W24", "delete the binding of the portal", remove(bindings, "datalab-portal")),
  kept("W25", "lock the owner out", remove(bindings, "full_control_namespace")),
  kept("W26", "a NetworkPolicy under a name of the platform's", create(named("datalab-mine"))),
  kept("W27", "the same by generateName", create(generated("datalab-"))),
  refused("mallory", "W28", "delete the LimitRange", "RBAC", remove("limitranges", "datalab-limits")),
  kept("W29", "delete the LimitRange", remove("limitranges", "datalab-limits"), "service"),
  kept("W30", "raise the platform's quota", change("resourcequotas", "datalab-limits", labelled), "service"),
  kept("W31", "delete the platform's quota", remove("resourcequotas", "datalab-limits"), "service"),
  opens("W41", "lets in a neighbour's namespace", { ingress: [{ from: [namespaceOf("user-alice")] }] }, inbound),
  opens("W42", "lets in addresses", { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }, inbound),
  opens("W43", "lets in every namespace's pods", { ingress: [{ from: [{ namespaceSelector: {} }] }] }, inbound),
  opens(
    "W44",
    "lets in a neighbour beside the own pods",
    { ingress: [{ from: [{ podSelector: {} }, namespaceOf("user-alice")] }] },
    inbound,
  ),
  opens("W45", "opens the way to everything", { egress: [{}] }, outbound),
  opens("W46", "opens the way to nodes", { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }, outbound),
  opens("W47", "opens the way to Keycloak", { egress: [{ to: [namespaceOf("datalab-identity")] }] }, outbound),
  opens("W48", "opens a port to everything", { egress: [{ ports: [{ port: 5432 }] }] }, outbound),
  admitted(
    "mallory",
    "W49",
    "a NetworkPolicy that lets in own pods and the ingress controller",
    "the platform's lets them in too",
    create(
      networkPolicy({
        ingress: [{ from: [{ podSelector: {} }, namespaceOf("datalab-ingress")] }],
        egress: [{ to: [{ podSelector: {} }] }],
      }),
    ),
  ),
  admitted(
    "operator",
    "W50",
    "change the walls of a workspace",
    "who may delete the namespace could do without them",
    change(policies, "datalab-connections", labelled),
  ),
  admitted(
    "operator",
    "W51",
    "give a service more than the setting allows",
    "an operator's affair",
    create(binding("edit")),
  ),
  ...[
    ["K1", "a Certificate for `auth.<domain>`, `*.<domain>`, github.com", "Certificate"],
    ["K2", "an Issuer of one's own", "Issuer"],
    ["K3", "a CertificateRequest of one's own", "CertificateRequest"],
  ].map(([no = "", attempt = "", kind = ""]) =>
    refused(
      "service",
      no,
      attempt,
      certificatePolicyName,
      create({ apiVersion: "cert-manager.io/v1", kind, metadata: { name: "attempt" } }),
    ),
  ),
  refused(
    "mallory",
    "K4",
    "a Certificate, where nothing aggregates cert-manager's roles",
    "RBAC",
    create({ apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "attempt" } }),
  ),
];

function rowsOf(who: Actor, offset: number): readonly Attempt[] {
  const no = (number: number) => `W${offset + number}`;
  const connections = "datalab-connections";
  return [
    kept(no(1), "delete the NetworkPolicy of the workspace", remove(policies, connections), who),
    kept(no(2), "delete the way to the API server", remove(policies, "datalab-api-server"), who),
    kept(no(3), "delete all NetworkPolicies at once", remove(policies), who),
    {
      ...kept(no(4), "change the NetworkPolicy of the workspace", change(policies, connections, labelled), who),
      // The rule for what NetworkPolicies may open refuses it too.
      says: "ValidatingAdmissionPolicy 'datalab-workspace-",
    },
    kept(no(5), "delete all RoleBindings at once", remove(bindings), who),
    kept(no(6), "delete all ConfigMaps at once", remove("configmaps"), who),
  ];
}

function kept(no: string, attempt: string, call: Call, who: Actor = "mallory"): Attempt {
  return refused(who, no, attempt, wallsPolicyName, call);
}

function opens(no: string, what: string, spec: KubernetesObject, says: string): Attempt {
  return refused(
    "mallory",
    no,
    `a NetworkPolicy that ${what}`,
    networkPolicyPolicyName,
    create(networkPolicy(spec)),
    says,
  );
}

/** A NetworkPolicy for all pods. */
export function networkPolicy(spec: KubernetesObject = {}): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "attempt" },
    spec: { podSelector: {}, ...spec },
  };
}

function named(name: string): KubernetesObject {
  return { ...networkPolicy(), metadata: { name } };
}

function generated(generateName: string): KubernetesObject {
  return { ...networkPolicy(), metadata: { generateName } };
}

function namespaceOf(name: string): KubernetesObject {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}
