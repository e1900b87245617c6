/**
 * Whether the cluster's network enforces NetworkPolicies, as far as it can be seen: by the network's own programs. Nothing is
 * made and no connection tried; the doctor does that in a platform that is up.
 */

/** As the API server gives it. */
export interface DaemonSetOfTheCluster {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
}

/** As the API server gives it. */
export interface AnnotatedNode {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** A program that nodes run for the network. */
interface Program {
  readonly network: string;
  /** Of its DaemonSet; distributions put their own name before it (`rke2-canal`). */
  readonly name: RegExp;
  /** Undefined where it enforces policies, else why it does not and what helps. */
  readonly lacks: (containers: readonly Container[]) => { readonly why: string; readonly cure: string } | undefined;
}

const another = "Add Calico (Canal) to it, or take a network that enforces them.";

const programs: readonly Program[] = [
  // https://kubernetes.io/docs/tasks/administer-cluster/network-policy-provider/
  enforcing("Calico", /(^|-)(calico-node|canal)$/),
  enforcing("Cilium", /(^|-)(cilium|anetd)$/),
  enforcing("Antrea", /^antrea-agent$/),
  enforcing("Weave Net", /^weave-net$/),
  // https://kubernetes.io/docs/concepts/cluster-administration/addons/
  enforcing("OVN-Kubernetes", /^ovnkube-node/),
  enforcing("Kube-OVN", /^kube-ovn-cni$/),
  // https://learn.microsoft.com/azure/aks/use-network-policies
  enforcing("Azure Network Policy Manager", /^azure-npm$/),
  // https://github.com/kubernetes-sigs/kube-network-policies: beside any other network.
  enforcing("kube-network-policies", /^kube-network-policies$/),
  {
    // https://www.kube-router.io/docs/user-guide/: on unless it is switched off.
    network: "kube-router",
    name: /(^|-)kube-router$/,
    lacks: (containers) =>
      says(containers, "--run-firewall=false")
        ? { why: "it runs with `--run-firewall=false`", cure: "Run it with `--run-firewall=true`." }
        : undefined,
  },
  {
    // https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
    network: "the Amazon VPC CNI",
    name: /^aws-node$/,
    lacks: (containers) =>
      says(containers, "--enable-network-policy=true")
        ? undefined
        : {
            why: "its network policy agent is off",
            cure: "Set `enableNetworkPolicy` of the add-on `vpc-cni`.",
          },
  },
  {
    // https://github.com/kubernetes-sigs/kind/releases/tag/v0.24.0: the first that enforces them; its images have dates.
    network: "kindnet",
    name: /^kindnet$/,
    lacks: (containers) => {
      const [, date] = /kindnetd:v(\d{8})/.exec(containers.map(({ image = "" }) => image).join()) ?? [];
      if (date === undefined || date >= "20240723") return undefined;
      return { why: `its kindnetd is of ${date}`, cure: "Make the cluster anew with kind 0.24 or later." };
    },
  },
  {
    // https://github.com/flannel-io/flannel: "focused on networking"; its chart can bring kube-network-policies (`netpol.enabled`).
    network: "flannel",
    name: /(^|-)kube-flannel(-ds.*)?$/,
    lacks: (containers) =>
      containers.some(({ image = "" }) => image.includes("kube-network-policies"))
        ? undefined
        : { why: "it carries packets and looks at no policy", cure: another },
  },
];

function enforcing(network: string, name: RegExp): Program {
  return { network, name, lacks: () => undefined };
}

function says(containers: readonly Container[], argument: string): boolean {
  return containers.some(({ args = [], command = [] }) => [...args, ...command].includes(argument));
}

/**
 * A sentence where nothing is seen that enforces policies: what the platform's walls are made of would stand on paper.
 *
 * @param stack its name, for the command that tries a connection
 * @param gitVersion the cluster's version, which names k3s
 */
export function networkPolicyNotes(
  stack: string,
  gitVersion: string,
  daemonSets: readonly DaemonSetOfTheCluster[],
  nodes: readonly AnnotatedNode[],
): string[] {
  const seen = daemonSets.flatMap(({ metadata, spec }) =>
    programs
      .filter(({ name }) => name.test(metadata.name))
      .map(({ network, lacks }) => ({ network, lack: lacks(spec.template.spec.containers) })),
  );
  const k3s = gitVersion.includes("+k3s");
  const off = nodes.filter(({ metadata }) => disablesPolicies(metadata.annotations?.["k3s.io/node-args"]));
  if ((k3s && off.length === 0) || seen.some(({ lack }) => lack === undefined)) return [];
  const tried = `When the platform is up, \`npm run doctor -- -s ${stack}\` tries a connection that a policy forbids.`;
  const open = "Users' workspaces would be open to each other.";
  const [first] = seen;
  if (first?.lack !== undefined) {
    const { why, cure } = first.lack;
    return [`The cluster's network, ${first.network}, enforces no NetworkPolicies: ${why}. ${open} ${cure} ${tried}`];
  }
  if (k3s) {
    const names = off.map(({ metadata }) => metadata.name).join(", ");
    const why = `k3s runs with \`--disable-network-policy\` on ${names}, and nothing else that enforces NetworkPolicies was recognized.`;
    return [`${why} ${open} Start k3s without it. ${tried}`];
  }
  const why = "Nothing that enforces NetworkPolicies was recognized among the cluster's DaemonSets.";
  return [`${why} That is no proof, but without it users' workspaces are open to each other. ${tried}`];
}

/**
 * k3s writes its arguments down at each node, as a list in JSON.
 * @see https://docs.k3s.io/networking/networking-services#network-policy-controller
 */
function disablesPolicies(nodeArgs = ""): boolean {
  return /"--disable-network-policy(=true)?"(?!,"false")/.test(nodeArgs);
}
