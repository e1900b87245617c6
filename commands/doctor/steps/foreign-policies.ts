/** NetworkPolicies of charts and people in workspaces: they add up with the platform's, and could open more. */
import type { Found, WorkspaceObjectFound } from "./workspace-objects.ts";

interface Peer {
  readonly podSelector?: object;
  readonly namespaceSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly ipBlock?: object;
}

interface Rules {
  readonly ingress?: readonly { readonly from?: readonly Peer[] }[];
  readonly egress?: readonly { readonly to?: readonly Peer[] }[];
}

/** Names of those that open more than the own namespace and the ingress controller. @param own names of the platform's */
export function openingPolicies(
  found: Found,
  namespace: string,
  { own, ingressNamespace }: { readonly own: ReadonlySet<string>; readonly ingressNamespace: string },
): readonly string[] {
  const policies = [...(found.get(namespace)?.values() ?? [])].filter(({ kind }) => kind === "NetworkPolicy");
  return policies
    .filter(({ metadata }) => !own.has(metadata.name))
    .filter((policy) => opensMore(policy, ingressNamespace))
    .map(({ metadata }) => metadata.name);
}

/** The rule of admission, which does not look at what was there before it. */
function opensMore({ spec }: WorkspaceObjectFound, ingressNamespace: string): boolean {
  const { ingress = [], egress = [] } = (spec ?? {}) as Rules;
  const isController = ({ ipBlock, namespaceSelector }: Peer) =>
    ipBlock === undefined && namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"] === ingressNamespace;
  const keeps = (peers: readonly Peer[] | undefined, isAllowed: (peer: Peer) => boolean) =>
    peers !== undefined && peers.length > 0 && peers.every(isAllowed);
  return (
    !ingress.every(({ from }) => keeps(from, (peer) => isOwn(peer) || isController(peer))) ||
    !egress.every(({ to }) => keeps(to, isOwn))
  );
}

function isOwn({ podSelector, namespaceSelector, ipBlock }: Peer): boolean {
  return podSelector !== undefined && namespaceSelector === undefined && ipBlock === undefined;
}
