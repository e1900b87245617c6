/** `datalab:ingress`: settings that contradict each other, or what the addresses are used for. */
import { usualPort } from "../components/addresses.ts";
import type { TraefikSettings } from "../components/ingress/settings.ts";
import { type Problem, removeCommand, setCommand } from "./problems.ts";
import type { ParsedSettings } from "./settings.ts";

export function ingressProblems({
  cluster,
  ingress,
  objectStore,
}: Pick<ParsedSettings, "cluster" | "ingress" | "objectStore">): Problem[] {
  const problems: Problem[] = [];
  const path = ["ingress", "publicPort"];
  if (objectStore.kind === "s3" && cluster.kind !== "eks" && ingress.publicPort !== usualPort) {
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
    const message = "is not 443 beside S3: AWS asks Keycloak for its keys, and takes no address with a port";
    problems.push({ path, message, cure: removeCommand(path) });
  }
  // A cluster that the platform makes has a load balancer of its own: all of these are refused there.
  if (ingress.kind === "traefik" && cluster.kind !== "eks") problems.push(...wayInProblems(ingress));
  return problems;
}

function wayInProblems(settings: TraefikSettings): Problem[] {
  const { serviceType, loadBalancerClass, nodePorts, publicPort, externalTrafficPolicy } = settings;
  const problems: Problem[] = [];
  if (loadBalancerClass !== undefined && serviceType !== "LoadBalancer") {
    const path = ["ingress", "loadBalancerClass"];
    const message = `stands beside \`serviceType: ${serviceType}\`, and only a Service of type LoadBalancer has a class`;
    const balanced = setCommand(["ingress", "serviceType"], "LoadBalancer");
    problems.push({ path, message, cure: `${removeCommand(path)}\nor, with a load balancer: ${balanced}` });
  }
  if (nodePorts?.http === publicPort && serviceType === "NodePort") {
    const path = ["ingress", "publicPort"];
    const message = "is the node port of HTTP: addresses begin with https://";
    problems.push({ path, message, cure: setCommand(path, nodePorts.https) });
  }
  if (serviceType === "HostPort") {
    const given = [
      ...(nodePorts === undefined ? [] : ["nodePorts"]),
      ...(externalTrafficPolicy === "Local" ? [] : ["externalTrafficPolicy"]),
    ];
    const message = "has no meaning beside `serviceType: HostPort`: visitors come to the pods themselves";
    problems.push(
      ...given.map((field) => ({ path: ["ingress", field], message, cure: removeCommand(["ingress", field]) })),
    );
  }
  return problems;
}
