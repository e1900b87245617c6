/** Ways to a pod or an address that are open, each as one line that can be compared. */
import type { Inputs } from "../../flip/engine-events.ts";
import { type Graph, nameOf, type Node } from "../graph.ts";
import { listAt, nameIn, namespaceIn, objectAt, stringsAt, textAt, wordOf } from "../inputs.ts";

/** What is open in a graph, as lines. */
export function openingsIn(graph: Graph): Set<string> {
  return new Set([...graph.values()].flatMap((node) => openingsOf(node)));
}

/** Whether the line tells of the internet, and not of one pod and another. */
export function isPublic(opening: string): boolean {
  return /^(host|load balancer|node port|internet|API server|bucket) /.test(opening);
}

function openingsOf(node: Node): string[] {
  const { type, inputs } = node;
  const spec = objectAt(inputs, "spec");
  switch (type) {
    case "kubernetes:networking.k8s.io/v1:Ingress":
      return listAt(spec, "rules").map((rule) => `host ${textAt(rule, "host") ?? "* (any name)"}`);
    case "kubernetes:core/v1:Service":
      return serviceOpenings(inputs, spec);
    case "kubernetes:networking.k8s.io/v1:NetworkPolicy":
      return policyOpenings(inputs, spec);
    case "aws:lb/loadBalancer:LoadBalancer":
      return inputs["internal"] === true ? [] : [`load balancer ${nameOf(node.urn)} on the internet`];
    case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
      return securityGroupOpenings(node);
    case "aws:eks/cluster:Cluster":
      return apiServerOpenings(objectAt(inputs, "vpcConfig"));
    case "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":
      return Object.entries(inputs).flatMap(([key, value]) => (value === false ? [`bucket without ${key}`] : []));
    default:
      return [];
  }
}

function serviceOpenings(inputs: Inputs, spec: Inputs): string[] {
  const type = textAt(spec, "type");
  if (type !== "LoadBalancer" && type !== "NodePort") return [];
  const ports = listAt(spec, "ports")
    .map((port) => String(port["port"]))
    .join(", ");
  const sources = stringsAt(spec, "loadBalancerSourceRanges");
  const from = sources.length === 0 ? "anybody" : sources.join(", ");
  return [`${type === "NodePort" ? "node port" : "load balancer"} ${nameIn(inputs)}, ports ${ports}, for ${from}`];
}

function securityGroupOpenings({ inputs, urn }: Node): string[] {
  const cidr = textAt(inputs, "cidrIpv4") ?? textAt(inputs, "cidrIpv6");
  if (cidr === undefined) return [];
  const ports = `${wordOf(inputs["fromPort"]) ?? "any"}-${wordOf(inputs["toPort"]) ?? "any"}`;
  const where = cidr === "0.0.0.0/0" || cidr === "::/0" ? "internet" : "network";
  return [`${where} ${cidr} to ports ${ports} (${nameOf(urn)})`];
}

function apiServerOpenings(config: Inputs): string[] {
  if (config["endpointPublicAccess"] === false) return [];
  return stringsAt(config, "publicAccessCidrs").map((cidr) => `API server from ${cidr}`);
}

/** One line for each peer and port. A policy for a direction that lists nothing opens nothing. */
function policyOpenings(inputs: Inputs, spec: Inputs): string[] {
  const pods = `${namespaceIn(inputs)}/${selectorText(objectAt(spec, "podSelector"))}`;
  const to = listAt(spec, "egress").flatMap((rule) => wordsOf(rule, "to").map((words) => `${pods} may reach ${words}`));
  const from = listAt(spec, "ingress").flatMap((rule) =>
    wordsOf(rule, "from").map((words) => `${pods} may be reached by ${words}`),
  );
  return [...to, ...from];
}

function wordsOf(rule: Inputs, side: "to" | "from"): string[] {
  const peers = listAt(rule, side).map(peerText);
  const ports = listAt(rule, "ports").map(
    (port) => `${wordOf(port["port"]) ?? "any"}/${textAt(port, "protocol") ?? "TCP"}`,
  );
  const where = ports.length === 0 ? "on every port" : `on ${ports.join(", ")}`;
  return (peers.length === 0 ? ["anything"] : peers).map((peer) => `${peer} ${where}`);
}

function peerText(peer: Inputs): string {
  const block = objectAt(peer, "ipBlock");
  if (textAt(block, "cidr") !== undefined) {
    const except = stringsAt(block, "except");
    return `${textAt(block, "cidr") ?? ""}${except.length === 0 ? "" : ` but ${except.join(", ")}`}`;
  }
  const namespaces =
    "namespaceSelector" in peer ? selectorText(objectAt(peer, "namespaceSelector")) : "the same namespace";
  return "podSelector" in peer
    ? `${namespaces}/${selectorText(objectAt(peer, "podSelector"))}`
    : `all pods of ${namespaces}`;
}

const names = ["app.kubernetes.io/name", "kubernetes.io/metadata.name"];

/** The name if there is one, else every label in short. */
function selectorText(selector: Inputs): string {
  const labels = objectAt(selector, "matchLabels");
  const named = names.map((name) => textAt(labels, name)).find((name) => name !== undefined);
  if (named !== undefined) return named;
  const rest = Object.entries(labels).map(([key, value]) => `${key.split("/").at(-1) ?? key}=${String(value)}`);
  const expressions = listAt(selector, "matchExpressions").map((one) =>
    `${String(one["key"])} ${String(one["operator"])} ${stringsAt(one, "values").join("|")}`.trim(),
  );
  return [...rest, ...expressions].join(",") || "*";
}
