import type { IngressSettings } from "../../components/ingress/settings.ts";
import { namespaces } from "../../components/names.ts";
import { setCommand } from "../../stacks/settings/config-commands.ts";
import type { Obstacle } from "./problem.ts";

/** As the API server gives it. A pod in its node's network has the ports that it declares as ports of the node. */
export interface PodOfTheCluster {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly ports?: readonly { readonly hostPort?: number; readonly protocol?: string }[];
    }[];
  };
  readonly status?: { readonly phase?: string };
}

export interface NodeOfTheCluster {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly unschedulable?: boolean };
}

/** Whether anything has to be asked for. */
export function takesHostPorts(ingress: IngressSettings): boolean {
  return ingress.kind === "traefik" && ingress.serviceType === "HostPort";
}

/**
 * Nodes whose ports others hold are no place for the controller's pods. Programs outside of Kubernetes are not seen.
 * @see https://docs.k3s.io/networking/networking-services#service-load-balancer for the pods of k3s' load balancer
 */
export function hostPortObstacles(
  ingress: IngressSettings,
  pods: readonly PodOfTheCluster[],
  nodes: readonly NodeOfTheCluster[],
): Obstacle[] {
  if (ingress.kind !== "traefik" || ingress.serviceType !== "HostPort") return [];
  const wanted = [80, ingress.publicPort];
  const holders = pods.filter((pod) => isRunning(pod) && portsOf(pod).some((port) => wanted.includes(port)));
  const taken = new Set(holders.map(({ spec }) => spec.nodeName));
  const usable = nodes.filter(({ spec }) => spec.unschedulable !== true);
  const free = usable.filter(({ metadata }) => !taken.has(metadata.name));
  if (free.length >= ingress.replicas) return [];
  const names = holders.map((pod) => {
    const ports = portsOf(pod).filter((port) => wanted.includes(port));
    return `${pod.metadata.namespace}/${pod.metadata.name} (${ports.join(" and ")} of ${pod.spec.nodeName ?? "no node"})`;
  });
  const held = names.length === 0 ? "" : ` Ports are held by ${names.join(", ")}.`;
  const count = ingress.replicas === 1 ? "a node" : `${ingress.replicas} nodes`;
  const k3s = holders.some(({ metadata }) => metadata.name.startsWith("svclb-traefik"));
  return [
    {
      message: `The ingress controller needs ${count} with free ports ${wanted.join(" and ")}; there ${free.length === 1 ? "is 1" : `are ${free.length}`}.${held}`,
      cures: [
        ...(k3s ? ["Start k3s with `--disable=traefik`: the platform brings its own."] : []),
        ...(names.length === 0 ? [] : ["Have whoever owns those pods give the ports up."]),
        ...(free.length === 0 ? [] : [setCommand(["ingress", "replicas"], free.length)]),
        `${setCommand(["ingress", "serviceType"], "NodePort")}   # with a load balancer of your own before it`,
      ],
    },
  ];
}

/** A pod of the controller itself is where it should be. */
function isRunning({ metadata, status }: PodOfTheCluster): boolean {
  return metadata.namespace !== namespaces.ingress && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function portsOf({ spec }: PodOfTheCluster): number[] {
  const ports = spec.containers.flatMap(({ ports = [] }) => ports);
  // The same number of UDP is another port.
  return ports.flatMap(({ hostPort, protocol = "TCP" }) => (protocol === "TCP" ? (hostPort ?? []) : []));
}
