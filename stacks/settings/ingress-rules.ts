/** `datalab:ingress`: settings that contradict each other, or what the addresses are used for. */
import { usualPort } from "../../components/addresses.ts";
import type { TraefikSettings } from "../../components/ingress/settings.ts";
import { by, or, remove, set } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schemas.ts";

export function ingressProblems({
  cluster,
  ingress,
  objectStore,
}: Pick<ParsedSettings, "cluster" | "ingress" | "objectStore">): Problem[] {
  const problems: Problem[] = [];
  const path = ["ingress", "publicPort"];
  if (objectStore.kind === "s3" && cluster.kind !== "eks" && ingress.publicPort !== usualPort) {
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
    const reason = "is not 443 beside S3: AWS asks Keycloak for its keys, and takes no address with a port";
    // All addresses change by it: `npm run flip` would take away by itself what is only to be removed.
    problems.push(broken(path, reason, by(set(path, usualPort))));
  }
  if (ingress.kind !== "traefik") return problems;
  return [...problems, ...(cluster.kind === "eks" ? besideOwnBalancer(ingress) : wayInProblems(ingress))];
}

function meaningless(field: string, reason: string): Problem {
  return broken(["ingress", field], reason, by(remove(["ingress", field])));
}

function besideOwnBalancer(ingress: TraefikSettings): Problem[] {
  const reason = "has no meaning on EKS: the load balancer is part of the platform there";
  const given = [
    ...(ingress.serviceType === "LoadBalancer" ? [] : ["serviceType"]),
    ...(ingress.nodePorts === undefined ? [] : ["nodePorts"]),
    ...(ingress.ipFamilyPolicy === undefined ? [] : ["ipFamilyPolicy"]),
    ...(ingress.publicPort === usualPort ? [] : ["publicPort"]),
    ...(ingress.loadBalancerClass === undefined ? [] : ["loadBalancerClass"]),
    ...(Object.keys(ingress.serviceAnnotations).length === 0 ? [] : ["serviceAnnotations"]),
    ...(ingress.proxyProtocolFrom.length === 0 ? [] : ["proxyProtocolFrom"]),
    ...(ingress.externalTrafficPolicy === "Local" ? [] : ["externalTrafficPolicy"]),
  ];
  return given.map((field) => meaningless(field, reason));
}

function wayInProblems(settings: TraefikSettings): Problem[] {
  const { serviceType, loadBalancerClass, nodePorts, publicPort, externalTrafficPolicy } = settings;
  const problems: Problem[] = [];
  if (loadBalancerClass !== undefined && serviceType !== "LoadBalancer") {
    const path = ["ingress", "loadBalancerClass"];
    const reason = `stands beside \`serviceType: ${serviceType}\`, and only a Service of type LoadBalancer has a class`;
    const balanced = or("with a load balancer", set(["ingress", "serviceType"], "LoadBalancer"));
    problems.push(broken(path, reason, by(remove(path)), balanced));
  }
  if (nodePorts?.http === publicPort && serviceType === "NodePort") {
    const path = ["ingress", "publicPort"];
    const reason = "is the node port of HTTP: addresses begin with https://";
    problems.push(broken(path, reason, by(set(path, nodePorts.https))));
  }
  if (serviceType === "HostPort") {
    const given = [
      ...(nodePorts === undefined ? [] : ["nodePorts"]),
      ...(externalTrafficPolicy === "Local" ? [] : ["externalTrafficPolicy"]),
    ];
    const reason = "has no meaning beside `serviceType: HostPort`: visitors come to the pods themselves";
    problems.push(...given.map((field) => meaningless(field, reason)));
  }
  return problems;
}
