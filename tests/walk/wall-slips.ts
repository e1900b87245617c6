/** Slips in the walls around workspaces, in an order in which none is seen through another. */
import type { Wiring } from "./wirings.ts";

export const wallSlips: readonly Wiring[] = [
  // These two show in the user's workspace, in which the launcher puts what the slip has made.
  {
    title: "launches get the rights of another account",
    file: "components/workspaces/permissions.ts",
    from: 'const launcher = { kind: "ServiceAccount", name: launcherName, namespace };',
    to: 'const launcher = { kind: "ServiceAccount", name: "somebody", namespace };',
    step: "portal-services",
    says: /launcher fails in user-alice: .*datalab-launcher/,
    writes: true,
  },
  {
    title: "services may not ask the DNS",
    file: "components/workspaces/network-policies.ts",
    from: "        toDns,\n",
    to: "",
    step: "workspace-connections",
    says: /do not find/,
    writes: true,
  },
  // The workspace keeps the objects of the last one until somebody calls: these must show before that does.
  {
    title: "the rules for workspaces only warn",
    file: "components/workspaces/policy.ts",
    from: 'validationActions: ["Deny"]',
    to: 'validationActions: ["Warn"]',
    step: "policies",
    says: /not fully in force/,
  },
  {
    title: "whoever may edit a namespace may ask for certificates",
    file: "components/certificates/cert-manager-chart.ts",
    from: "aggregateClusterRoles: false",
    to: "aggregateClusterRoles: true",
    step: "rights",
    says: /cert-manager\.io/,
  },
  {
    title: "services are reached by everybody",
    file: "components/workspaces/network-policies.ts",
    from: "ingress: [{ from: [ownPods, podsOf(ingress.namespace)] }]",
    to: "ingress: [{}]",
    step: "workspaces",
    says: /datalab-connections.*spec\.ingress/,
  },
  {
    title: "the portal's API finds helm itself, not the launcher",
    file: "components/portal/launcher.ts",
    from: '  { name: "launcher", mountPath: "/usr/local/sbin/helm", subPath: "helm", readOnly: true },\n',
    to: "",
    step: "launcher",
    says: /no launcher at \/usr\/local\/sbin\/helm/,
  },
];
