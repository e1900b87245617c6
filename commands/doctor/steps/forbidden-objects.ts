/** Objects that no launch may make, and what must refuse each: one for every wall that admission is. */
import { certificatePolicyName } from "../../../components/workspaces/certificate-policy.ts";
import { ingressPolicyName } from "../../../components/workspaces/ingress-policy.ts";
import { accountUser, launcherName, portalAccount } from "../../../components/workspaces/names.ts";
import { networkPolicyPolicyName } from "../../../components/workspaces/network-policy-policy.ts";
import { podPolicyName } from "../../../components/workspaces/pod-policy.ts";
import { rightsPolicyName } from "../../../components/workspaces/rights-policy.ts";
import { servicePolicyName } from "../../../components/workspaces/service-policy.ts";
import { wallsPolicyName } from "../../../components/workspaces/walls-policy.ts";
import { containerSecurityContext, podSecurityContext } from "../../../components/kubernetes/pod-hygiene.ts";
import { platformPriority } from "../../../components/kubernetes/priority-class.ts";
import { portalPolicyName } from "../../../components/portal/portal-policy.ts";
import { namespaces } from "../../../components/names.ts";
import type { Context } from "../step.ts";

export interface ForbiddenObject {
  /** What would be let in, as people read it. */
  readonly what: string;
  /** Policy that must refuse it. */
  readonly policy?: string;
  /** Or what the account has no right to make, as the API server says it: it names no object then. */
  readonly withoutRight?: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    /** The name is its own in the whole list. */
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly [field: string]: unknown;
  };
}

/** Those of one account. */
export interface Trial {
  /** As the API server calls it. */
  readonly account: string;
  readonly objects: readonly ForbiddenObject[];
}

export function forbiddenIn(workspace: string, { expected }: Context): readonly Trial[] {
  const { ownCertManager, policies } = expected.walls;
  const launcher = [
    ...pods(workspace).map((one) => ({ ...one, policy: podPolicyName })),
    ...ingresses(workspace, expected).map((one) => ({ ...one, policy: ingressPolicyName })),
    ...others(workspace).filter(({ policy }) => policy in policies),
    ...(ownCertManager ? [certificate(workspace)] : []),
    {
      what: "an object in another namespace",
      withoutRight: `cannot create resource "configmaps" in API group "" in the namespace "${namespaces.portal}"`,
      object: configMap("doctor-elsewhere", namespaces.portal),
    },
  ];
  const portal = [
    {
      what: "the portal's account with a namespace that is no workspace",
      object: { apiVersion: "v1", kind: "Namespace", metadata: { name: "doctor-no-workspace" } },
    },
    {
      what: "the portal's account with rights for somebody else",
      object: binding("datalab-doctor-rights", workspace, "admin", "oidc-somebody"),
    },
  ].map((one) => ({ ...one, policy: portalPolicyName }));
  return [
    { account: accountUser({ name: launcherName, namespace: workspace }), objects: launcher },
    { account: accountUser(portalAccount), objects: portal },
  ];
}

function pods(namespace: string) {
  return [
    { what: "a pod that names its node", name: "node", spec: { nodeName: "somewhere" } },
    { what: "a pod with the platform's priority", name: "priority", spec: { priorityClassName: platformPriority } },
    {
      what: "a pod with a volume from outside",
      name: "volume",
      spec: { volumes: [{ name: "outside", csi: { driver: "doctor.invalid" } }] },
    },
  ].map(({ what, name, spec }) => ({ what, object: pod(`doctor-${name}`, namespace, spec) }));
}

/** All that the strictest Pod Security level asks for: what refuses it is the rule that is tried. */
function pod(name: string, namespace: string, spec: object) {
  const containers = [{ name: "doctor", image: "doctor.invalid/none", securityContext: containerSecurityContext() }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { automountServiceAccountToken: false, securityContext: podSecurityContext(65_534), containers, ...spec },
  };
}

function ingresses(namespace: string, { hosts }: Context["expected"]) {
  return [
    { what: "a page at the portal's address", name: "portal", host: hosts.portal },
    // The names of the two begin alike.
    { what: "a page at a neighbour's address", name: "neighbour", host: `${namespace}else-1.${hosts.services}` },
  ].map(({ what, name, host }) => ({
    what,
    object: {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: `doctor-${name}`, namespace },
      spec: { rules: [{ host }] },
    },
  }));
}

function others(namespace: string) {
  return [
    {
      policy: servicePolicyName,
      what: "a load balancer",
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "doctor-balancer", namespace },
        spec: { type: "LoadBalancer", ports: [{ port: 443 }] },
      },
    },
    {
      policy: networkPolicyPolicyName,
      what: "a NetworkPolicy that lets in everybody",
      object: {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "doctor-open", namespace },
        spec: { podSelector: {}, ingress: [{}] },
      },
    },
    {
      policy: rightsPolicyName,
      what: "rights for a stranger",
      object: binding("doctor-rights", namespace, "view", "stranger"),
    },
    {
      policy: wallsPolicyName,
      what: "an object under a name of the platform's",
      object: configMap("datalab-doctor", namespace),
    },
  ];
}

function binding(name: string, namespace: string, role: string, user: string) {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: "RoleBinding",
    metadata: { name, namespace },
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup, kind: "User", name: user }],
  };
}

function configMap(name: string, namespace: string) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } };
}

/** The right to it is no launch's; where somebody else's cert-manager gives it, admission is the wall. */
function certificate(namespace: string): ForbiddenObject {
  return {
    what: "a certificate",
    policy: certificatePolicyName,
    withoutRight: 'cannot create resource "certificates"',
    object: {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "doctor-certificate", namespace },
      spec: { secretName: "doctor", issuerRef: { name: "doctor" }, dnsNames: ["doctor.invalid"] },
    },
  };
}
