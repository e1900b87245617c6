/** Slips in the walls around workspaces, in an order in which none is seen through another. */
import { alone, type Breakage } from "./slips.ts";

export const wallSlips: readonly Breakage[] = [
  // Here no pod of the portal is another one.
  {
    slips: [
      {
        title: "the rules for workspaces only warn",
        file: "components/workspaces/policy.ts",
        from: 'validationActions: ["Deny"]',
        to: 'validationActions: ["Warn"]',
        found: [
          { step: "policies", says: /datalab-workspace-services is not fully in force/ },
          { step: "launch-rules", says: /lets in .*a load balancer.*the portal's account/ },
        ],
      },
      {
        title: "whoever may edit a namespace may ask for certificates",
        file: "components/certificates/cert-manager-chart.ts",
        from: "aggregateClusterRoles: false",
        to: "aggregateClusterRoles: true",
        found: [
          { step: "rights", says: /cert-manager\.io/ },
          { step: "launch-rules", says: /a certificate/ },
        ],
      },
      {
        title: "nobody holds back who guesses passwords",
        file: "components/identity/login-protection.ts",
        from: "bruteForceProtected: true",
        to: "bruteForceProtected: false",
        found: [
          { step: "realm-settings", says: /bruteForceProtected of realm master is false.* of realm datalab is false/ },
        ],
      },
    ],
  },
  {
    slips: [
      {
        title: "pods may choose their node",
        file: "components/workspaces/pod-policy.ts",
        from: 'expression: "!has(object.spec.nodeName)"',
        to: 'expression: "true"',
        found: [
          { step: "policies", says: /datalab-workspace-pods is another one/ },
          { step: "launch-rules", says: /a pod that names its node/ },
        ],
      },
      {
        title: "pages may have a neighbour's address",
        file: "components/workspaces/ingress-policy.ts",
        from: '.matches("^" + request.namespace + "',
        to: '.matches("^" + request.namespace + "[a-z0-9]*',
        found: [
          { step: "policies", says: /datalab-workspace-hosts is another one/ },
          { step: "launch-rules", says: /a page at a neighbour's address/ },
        ],
      },
      {
        title: "names of people run into each other",
        file: "components/access/names.ts",
        from: 'const joined = "^[a-z0-9]+$"',
        to: 'const joined = "^[a-z0-9-]+$"',
        found: [{ step: "policies", says: /datalab-portal-workspaces is another one/ }],
      },
      {
        title: "a service may have any role",
        file: "components/portal/schemas/role.ts",
        from: "            enum: allowed,\n",
        to: "",
        found: [{ step: "launch-form", says: /ide\.role\.json .*enum is missing/ }],
      },
      {
        title: "services get no authority to trust",
        file: "components/workspaces/objects.ts",
        from: "...(privateCa ? [trust] : [])",
        to: "",
        found: [{ step: "workspaces", says: /index in ConfigMap/ }],
      },
      {
        title: "services are reached by everybody",
        file: "components/workspaces/network-policies.ts",
        from: "ingress: [{ from: [ownPods, podsOf(ingress.namespace)] }]",
        to: "ingress: [{}]",
        found: [{ step: "workspaces", says: /datalab-connections.*spec\.ingress/ }],
      },
      {
        title: "the portal's API finds helm itself, not the launcher",
        file: "components/portal/launcher.ts",
        from: '  { name: "launcher", mountPath: "/usr/local/sbin/helm", subPath: "helm", readOnly: true },\n',
        to: "",
        found: [{ step: "launcher", says: /no launcher at \/usr\/local\/sbin\/helm/ }],
      },
    ],
  },
  // Last, for these two show in the user's workspace, which keeps what the launcher has put there until it is called again.
  alone({
    title: "launches get the rights of another account",
    file: "components/workspaces/permissions.ts",
    from: 'const launcher = { kind: "ServiceAccount", name: launcherName, namespace };',
    to: 'const launcher = { kind: "ServiceAccount", name: "somebody", namespace };',
    step: "portal-services",
    says: /launcher fails in user-alice: .*datalab-launcher/,
    writes: true,
  }),
  alone({
    title: "services may not ask the DNS",
    file: "components/workspaces/network-policies.ts",
    from: "        toDns,\n",
    to: "",
    step: "workspace-connections",
    says: /do not find/,
    writes: true,
  }),
];
