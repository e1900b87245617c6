/** What selectors, ports and paths lead to. */
import { kindOf, type Labels, metadataOf, type Workload } from "./shapes.ts";
import type { Registration } from "../graph.ts";

interface Selecting {
  readonly selector?: Labels & { readonly matchLabels?: Labels };
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly template?: object;
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly targetPort?: string | number }[];
  readonly ingress?: readonly Rule[];
  readonly rules?: readonly { readonly host?: string; readonly http?: { readonly paths?: readonly Path[] } }[];
  readonly tls?: readonly { readonly hosts?: readonly string[] }[];
}

interface Rule {
  readonly from?: readonly { readonly podSelector?: { readonly matchLabels?: Labels } }[];
  readonly ports?: readonly { readonly port?: number }[];
}

interface ServicePort {
  readonly name?: string;
  readonly number?: number;
}

interface Path {
  readonly path?: string;
  readonly backend?: { readonly service?: { readonly name?: string; readonly port?: ServicePort } };
}

export function selections(
  object: Registration,
  workloads: readonly Workload[],
  objects: readonly Registration[],
): string[] {
  const spec = (object.inputs["spec"] ?? {}) as Selecting;
  const { namespace } = metadataOf(object);
  const found = (labels: Labels) =>
    workloads.filter(
      (one) => one.namespace === namespace && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    );
  switch (kindOf(object.type)) {
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
    case "PodDisruptionBudget":
      return onlyOwn(found, spec.selector?.matchLabels);
    case "Service":
      return inService(spec, found);
    case "NetworkPolicy":
      return inPolicy(spec, found);
    case "Ingress":
      return inIngress(spec, namespace, objects);
    default:
      return [];
  }
}

type Found = (labels: Labels) => readonly Workload[];

function onlyOwn(found: Found, labels: Labels = {}): string[] {
  if (Object.keys(labels).length === 0) return ["selects everything"];
  return found(labels).length === 0 ? ["selects no pods"] : [];
}

function portsOf(workloads: readonly Workload[]): readonly (string | number | undefined)[] {
  return workloads.flatMap(({ pod }) =>
    pod.containers.flatMap(({ ports = [] }) => ports.flatMap(({ name, containerPort }) => [name, containerPort])),
  );
}

function inService({ selector = {}, ports = [] }: Selecting, found: Found): string[] {
  const open = portsOf(found(selector));
  return [
    ...onlyOwn(found, selector),
    ...(ports.length === 0 ? ["has no ports"] : []),
    ...ports
      .filter(({ port, targetPort = port }) => !open.includes(targetPort))
      .map(({ targetPort }) => `leads to ${targetPort}, where nobody listens`),
  ];
}

function inPolicy({ podSelector = {}, ingress = [] }: Selecting, found: Found): string[] {
  if (podSelector.matchLabels === undefined) return [];
  const open = portsOf(found(podSelector.matchLabels));
  // Pods of one workload talk to each other at ports that they need not declare.
  const name = podSelector.matchLabels["app.kubernetes.io/name"];
  const amongThemselves = ({ from = [] }: Rule) =>
    from.some((peer) => peer.podSelector?.matchLabels?.["app.kubernetes.io/name"] === name);
  const ports = ingress.filter((rule) => !amongThemselves(rule)).flatMap((rule) => rule.ports ?? []);
  return [
    ...onlyOwn(found, podSelector.matchLabels),
    ...ports.filter(({ port }) => !open.includes(port)).map(({ port }) => `opens ${port}, where nobody listens`),
  ];
}

function inIngress(
  { rules = [], tls = [] }: Selecting,
  namespace: string | undefined,
  objects: readonly Registration[],
): string[] {
  const covered = tls.flatMap(({ hosts = [] }) => hosts);
  const leads = (backend: Path["backend"]) =>
    objects.some((object) => {
      const { name, namespace: home } = metadataOf(object);
      const { ports = [] } = (object.inputs["spec"] ?? {}) as Selecting;
      return (
        kindOf(object.type) === "Service" &&
        home === namespace &&
        name === backend?.service?.name &&
        ports.some(({ name: word, port }) => isPort(backend?.service?.port, word, port))
      );
    });
  return rules.flatMap(({ host, http }) => [
    ...(host !== undefined && covered.includes(host) ? [] : [`serves ${host} without a certificate`]),
    // A host alone, as a name for others, has no `http` at all.
    ...(http !== undefined && (http.paths ?? []).length === 0 ? [`leads nowhere from ${host}`] : []),
    ...(http?.paths ?? [])
      .filter(({ path, backend }) => path === undefined || !leads(backend))
      .map(() => `leads from ${host} to no port of a Service`),
  ]);
}

function isPort({ name, number }: ServicePort = {}, word: string | undefined, port: number | undefined): boolean {
  return name === undefined ? number !== undefined && number === port : name === word;
}
