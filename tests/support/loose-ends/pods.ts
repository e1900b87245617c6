/** What does not fit together inside a pod. */
import type { Container, Key, Probe, Variable, Workload } from "./shapes.ts";

export function inPod({ pod, claims }: Workload, known: ReadonlySet<string>): string[] {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const volumes = [...(pod.volumes ?? []).map(({ name }) => name as string | undefined), ...claims];
  const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
  const missing = (kind: string, name: string | undefined) =>
    known.has(`${kind} ${name}`) ? [] : [`needs ${kind} ${name}, which nobody makes`];
  return [
    ...(pod.containers.length === 0 ? ["has no container"] : []),
    ...missing("ServiceAccount", pod.serviceAccountName),
    ...mounts.filter(({ name }) => !volumes.includes(name)).map(({ name }) => `mounts ${name}, which is no volume`),
    ...mounts.filter(({ mountPath }) => mountPath === undefined).map(({ name }) => `mounts ${name} nowhere`),
    ...volumes.filter((name) => !mounts.some((mount) => mount.name === name)).map((name) => `mounts ${name} never`),
    ...(pod.volumes ?? []).flatMap((volume) => sourceOf(volume, missing)),
    ...containers.flatMap((container) => inContainer(container, missing)),
  ];
}

type Missing = (kind: string, name: string | undefined) => string[];

interface Files {
  readonly name?: string;
  readonly items?: readonly Key[];
}

function sourceOf(volume: Record<string, unknown>, missing: Missing): string[] {
  const { configMap, secret, projected } = volume as {
    configMap?: Files;
    secret?: Files & { secretName?: string };
    projected?: { sources?: { configMap?: Files; secret?: Files }[] };
  };
  const sources = projected?.sources ?? [];
  const items = [configMap, secret, ...sources.flatMap((each) => [each.configMap, each.secret])].flatMap(
    (files) => files?.items ?? [],
  );
  return [
    ...(Object.keys(volume).length < 2 ? [`has a volume ${String(volume["name"])} of nothing`] : []),
    ...(configMap === undefined ? [] : missing("ConfigMap", configMap.name)),
    ...(secret === undefined ? [] : missing("Secret", secret.secretName)),
    ...(projected !== undefined && sources.length === 0 ? ["has a volume of no sources"] : []),
    ...sources.flatMap((each) => (each.configMap === undefined ? [] : missing("ConfigMap", each.configMap.name))),
    ...sources.flatMap((each) => (each.secret === undefined ? [] : missing("Secret", each.secret.name))),
    ...items.filter(({ key }) => key === undefined).map(() => "takes no key of a file's source"),
  ];
}

function inContainer({ name, image, env = [], ports = [], ...container }: Container, missing: Missing): string[] {
  const open = ports.flatMap((port) => [port.name, port.containerPort]);
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
  const idle = probes.filter((probe) => probe !== undefined && !asks(probe));
  const asked = probes.flatMap((probe) => (probe === undefined ? [] : [probe.httpGet?.port ?? probe.tcpSocket?.port]));
  return [
    ...(image === undefined ? [`${name} has no image`] : []),
    ...(container.resources?.requests?.cpu === undefined ? [`${name} asks for no CPU`] : []),
    ...(container.resources?.limits?.memory === undefined ? [`${name} has no limit of memory`] : []),
    ...ports
      .filter((port) => port.name === undefined || port.containerPort === undefined)
      .map(() => `${name} has a port without name or number`),
    ...idle.map(() => `${name} has a probe that asks nothing`),
    ...asked
      .filter((port) => port !== undefined && !open.includes(port))
      .map((port) => `asks ${port}, where nobody listens`),
    ...env.flatMap((variable) => inVariable(variable, missing)),
  ];
}

function asks({ httpGet, tcpSocket, exec }: Probe): boolean {
  return [httpGet, tcpSocket, exec].some((way) => way !== undefined);
}

function inVariable({ name, value, valueFrom }: Variable, missing: Missing): string[] {
  const { secretKeyRef, configMapKeyRef, fieldRef } = valueFrom ?? {};
  const key = secretKeyRef ?? configMapKeyRef;
  return [
    ...(name === undefined ? ["sets a variable without a name"] : []),
    ...(value === undefined && key?.key === undefined && fieldRef === undefined ? [`sets ${name} to nothing`] : []),
    ...(secretKeyRef === undefined ? [] : missing("Secret", secretKeyRef.name)),
    ...(configMapKeyRef === undefined ? [] : missing("ConfigMap", configMapKeyRef.name)),
  ];
}
