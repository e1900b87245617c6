/** NetworkPolicies as rules of nftables. */
import { type ClusterState, type NetworkPolicy, type Peer, type Pod, type Port, selects } from "./objects.ts";

const table = "inet network-policy";

type Direction = "ingress" | "egress";

interface Rule {
  readonly peers?: readonly Peer[] | undefined;
  readonly ports?: readonly Port[] | undefined;
}

interface AddressedPod {
  readonly pod: Pod;
  readonly address: string;
}

/**
 * The whole table, which takes the place of the one before at once.
 *
 * It looks at packets after a Service's address has been replaced by a pod's. What the node itself sends is not looked
 * at, as in any cluster: probes would fail. Connections that are open stay open.
 */
export function rulesetOf(state: ClusterState): string {
  const pods = state.pods.flatMap((pod): AddressedPod[] => {
    const address = pod.status?.podIP;
    const over = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
    return address === undefined || pod.spec.hostNetwork === true || over ? [] : [{ pod, address }];
  });
  const chains = (["egress", "ingress"] as const).flatMap((direction) => {
    const isolated = pods.filter(({ pod }) => policiesOf(state, pod, direction).length > 0);
    return [
      ...isolated.map((one) => chain(chainName(direction, one.address), podRules(state, pods, one, direction))),
      chain(
        direction,
        isolated.map(
          ({ address }) =>
            `ip ${direction === "ingress" ? "daddr" : "saddr"} ${address} jump ${chainName(direction, address)}`,
        ),
      ),
    ];
  });
  const base = (hook: string, ...jumps: Direction[]) =>
    chain(hook, [
      `type filter hook ${hook} priority filter; policy accept;`,
      "ct state established,related accept",
      ...jumps.map((direction) => `jump ${direction}`),
    ]);
  return [
    `table ${table} {}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...chains,
    base("forward", "egress", "ingress"),
    // From a pod to the node itself, where the API server is.
    base("input", "egress"),
    "}",
    "",
  ].join("\n");
}

function chain(name: string, lines: readonly string[]): string {
  return [`  chain ${name} {`, ...lines.map((line) => `    ${line}`), "  }"].join("\n");
}

function chainName(direction: Direction, address: string): string {
  return `${direction}-${address.replaceAll(".", "-")}`;
}

/** Policies that isolate a pod in one direction. */
function policiesOf({ policies }: ClusterState, pod: Pod, direction: Direction): NetworkPolicy[] {
  return policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace &&
      typesOf(spec).includes(direction) &&
      selects(spec.podSelector ?? {}, pod.metadata.labels),
  );
}

function typesOf({ policyTypes, egress }: NetworkPolicy["spec"]): Direction[] {
  if (policyTypes === undefined) return egress === undefined ? ["ingress"] : ["ingress", "egress"];
  return policyTypes.map((type) => (type === "Ingress" ? "ingress" : "egress"));
}

/** Whatever one rule of one policy allows may pass, the rest is dropped. */
function podRules(
  state: ClusterState,
  pods: readonly AddressedPod[],
  { pod, address }: AddressedPod,
  direction: Direction,
): string[] {
  const side = direction === "ingress" ? "saddr" : "daddr";
  const allowed = policiesOf(state, pod, direction).flatMap((policy) =>
    rulesOf(policy, direction).flatMap(({ peers, ports }) => {
      const others = peersOf(state, pods, policy, peers);
      return others.flatMap(({ match, pods: targets }) =>
        portsOf(ports, direction === "ingress" ? [pod] : targets).map((port) =>
          [match(side), port, "return"].filter((part) => part !== "").join(" "),
        ),
      );
    }),
  );
  const { namespace, name } = pod.metadata;
  return [
    // Nobody can be kept from talking to himself.
    `ip ${side} ${address} return`,
    ...new Set(allowed),
    `counter drop comment "${`${direction} of ${namespace}/${name}`.slice(0, 120)}"`,
  ];
}

function rulesOf({ spec }: NetworkPolicy, direction: Direction): Rule[] {
  if (direction === "ingress") return (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }));
  return (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

interface Others {
  /** How they are told, as source or as destination. */
  readonly match: (side: string) => string;
  /** Those among them that are pods, for the names of their ports. */
  readonly pods: readonly Pod[];
}

function peersOf(
  state: ClusterState,
  pods: readonly AddressedPod[],
  policy: NetworkPolicy,
  peers: readonly Peer[] = [],
): Others[] {
  if (peers.length === 0) return [{ match: () => "", pods: pods.map(({ pod }) => pod) }];
  return peers.flatMap(({ ipBlock, namespaceSelector, podSelector }): Others[] => {
    if (ipBlock !== undefined) {
      const { cidr, except = [] } = ipBlock;
      if (cidr.includes(":")) return [];
      const but = (side: string) => (except.length === 0 ? "" : ` ip ${side} != ${setOf(except)}`);
      return [{ match: (side) => `ip ${side} ${cidr}${but(side)}`, pods: [] }];
    }
    const namespaces = state.namespaces
      .filter(({ metadata }) =>
        namespaceSelector === undefined
          ? metadata.name === policy.metadata.namespace
          : selects(namespaceSelector, metadata.labels),
      )
      .map(({ metadata }) => metadata.name);
    const found = pods.filter(
      ({ pod: { metadata } }) => namespaces.includes(metadata.namespace) && selects(podSelector ?? {}, metadata.labels),
    );
    if (found.length === 0) return [];
    // A name can be another port in each pod.
    return found.map(({ pod, address }) => ({ match: (side) => `ip ${side} ${address}`, pods: [pod] }));
  });
}

function portsOf(ports: readonly Port[] = [], targets: readonly Pod[]): string[] {
  if (ports.length === 0) return [""];
  return ports.flatMap(({ protocol = "TCP", port, endPort }) => {
    const transport = protocol.toLowerCase();
    if (port === undefined) return [`meta l4proto ${transport}`];
    if (typeof port === "number") return [`${transport} dport ${endPort === undefined ? port : `${port}-${endPort}`}`];
    const numbers = targets.flatMap(({ spec }) =>
      spec.containers.flatMap(({ ports: declared = [] }) =>
        declared
          .filter((one) => one.name === port && (one.protocol ?? "TCP") === protocol)
          .map(({ containerPort }) => String(containerPort)),
      ),
    );
    return numbers.length === 0 ? [] : [`${transport} dport ${setOf([...new Set(numbers)])}`];
  });
}

function setOf(values: readonly string[]): string {
  return `{ ${values.join(", ")} }`;
}
