import type { IngressSettings } from "../../components/ingress/settings.ts";
import { namespaces } from "../../components/names.ts";
import { setCommand } from "../../stacks/settings/config-commands.ts";
import type { Obstacle } from "./problem.ts";

/** As the API server gives it. */
export interface ServiceOfTheCluster {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly type?: string;
    readonly loadBalancerClass?: string;
    readonly ports?: readonly { readonly port: number; readonly nodePort?: number }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly object[] } };
}

function wantsLoadBalancer(ingress: IngressSettings): boolean {
  return ingress.kind === "traefik" && ingress.serviceType === "LoadBalancer";
}

/** Those of others. */
function balanced(services: readonly ServiceOfTheCluster[]): ServiceOfTheCluster[] {
  return services.filter(
    ({ metadata, spec }) => spec.type === "LoadBalancer" && metadata.namespace !== namespaces.ingress,
  );
}

/**
 * k3s' own load balancer takes the ports of the nodes, once for the whole cluster. Its bundled Traefik has them.
 * @see https://docs.k3s.io/networking/networking-services#service-load-balancer
 * @param gitVersion the cluster's version, which names k3s
 */
export function portObstacles(
  ingress: IngressSettings,
  services: readonly ServiceOfTheCluster[],
  gitVersion: string,
): Obstacle[] {
  if (!gitVersion.includes("+k3s") || !wantsLoadBalancer(ingress)) return [];
  const waysIn = [80, ingress.publicPort];
  return balanced(services)
    .filter(
      ({ spec }) =>
        spec.loadBalancerClass === undefined && (spec.ports ?? []).some(({ port }) => waysIn.includes(port)),
    )
    .map(({ metadata: { namespace, name } }) => ({
      message: `Service ${namespace}/${name} holds ports of the nodes that the platform's ingress controller needs (80 and ${ingress.publicPort}).`,
      cures: [
        namespace === "kube-system" && name === "traefik"
          ? "Start k3s with `--disable=traefik`: the platform brings its own."
          : "Have whoever owns it give them up, or use it by `ingress.kind: existing` if it is an ingress controller.",
        `${setCommand(["ingress", "serviceType"], "NodePort")}   # with a load balancer of your own before it`,
      ],
    }));
}

/** Ports of the nodes that the settings name and another Service has: the API server would refuse the controller's. */
export function nodePortObstacles(ingress: IngressSettings, services: readonly ServiceOfTheCluster[]): Obstacle[] {
  if (ingress.kind !== "traefik" || ingress.serviceType !== "NodePort" || ingress.nodePorts === undefined) return [];
  const others = services.filter(({ metadata }) => metadata.namespace !== namespaces.ingress);
  return (["http", "https"] as const).flatMap((which) => {
    const wanted = ingress.nodePorts?.[which];
    return others
      .filter(({ spec }) => (spec.ports ?? []).some(({ nodePort }) => nodePort === wanted))
      .map(({ metadata: { namespace, name } }) => ({
        message: `Service ${namespace}/${name} has the port ${wanted} of the nodes, which \`ingress.nodePorts.${which}\` asks for.`,
        cures: [setCommand(["ingress", "nodePorts", which], "<another port>")],
      }));
  });
}

/** Whether the cluster has a load balancer is seen at Services that have got an address, or not. */
export function loadBalancerNotes(ingress: IngressSettings, services: readonly ServiceOfTheCluster[]): string[] {
  if (!wantsLoadBalancer(ingress)) return [];
  const others = balanced(services);
  const waiting = others.filter(({ status }) => (status?.loadBalancer?.ingress ?? []).length === 0);
  if (others.length > waiting.length) return [];
  const seen =
    waiting.length === 0
      ? "No Service of the cluster has an address of a load balancer yet"
      : `No load balancer gives an address to ${waiting.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(", ")}`;
  return [
    `${seen}, and the ingress controller will ask for one. If the cluster has none: ${setCommand(["ingress", "serviceType"], "HostPort")}`,
  ];
}
