/** Shapes of Kubernetes objects, as far as they point to one another. */
import type { Registration } from "../graph.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Labels;
}

export interface Variable {
  readonly name?: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: Key; readonly configMapKeyRef?: Key; readonly fieldRef?: object };
}

export interface Key {
  readonly name?: string;
  readonly key?: string;
}

export interface Probe {
  readonly httpGet?: { readonly port?: string | number };
  readonly tcpSocket?: { readonly port?: string | number };
  readonly exec?: object;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
  readonly env?: readonly Variable[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[];
  readonly volumeMounts?: readonly { readonly name?: string; readonly mountPath?: string }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

export interface Amounts {
  readonly cpu?: string;
  readonly memory?: string;
}

export interface Pod {
  readonly serviceAccountName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Record<string, unknown>[];
}

export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly pod: Pod;
  readonly claims: readonly (string | undefined)[];
}

/** `Deployment` of `kubernetes:apps/v1:Deployment`; undefined for the provider. */
export function kindOf(type: string): string | undefined {
  return type.startsWith("kubernetes:core") || type.includes("/v") ? type.split(":").at(-1) : undefined;
}

export function metadataOf({ inputs }: Registration): Metadata {
  return inputs["metadata"] ?? {};
}

export interface WorkloadSpec {
  readonly selector?: { readonly matchLabels?: Labels };
  readonly template?: { readonly metadata?: Metadata; readonly spec?: Pod };
  readonly volumeClaimTemplates?: readonly { readonly metadata?: Metadata }[];
  /** Of a CronJob. */
  readonly jobTemplate?: { readonly spec?: WorkloadSpec };
}

/** People's servers, which the notebooks' hub makes by its configuration. */
function spawnedBy(object: Registration): Workload[] {
  const data = object.inputs["data"] as Readonly<Record<string, string>> | undefined;
  const json = data?.["settings.json"];
  if (kindOf(object.type) !== "ConfigMap" || json === undefined) return [];
  const { KubeSpawner, Spawner } = (
    JSON.parse(json) as {
      traits: { KubeSpawner: { namespace: string; common_labels: Labels }; Spawner: { port: number } };
    }
  ).traits;
  const pod = { containers: [{ name: "notebook", ports: [{ containerPort: Spawner.port }] }] };
  return [{ name: object.name, namespace: KubeSpawner.namespace, labels: KubeSpawner.common_labels, pod, claims: [] }];
}

/** Whose pods a Service or a policy may select. */
export function selectableOf(object: Registration): Workload[] {
  return [...workloadOf(object), ...spawnedBy(object)];
}

export function workloadOf(object: Registration): Workload[] {
  if (!/^(Deployment|StatefulSet|DaemonSet|Job|CronJob)$/.test(kindOf(object.type) ?? "")) return [];
  const spec = (object.inputs["spec"] ?? {}) as WorkloadSpec;
  const { template, volumeClaimTemplates = [] } = spec.jobTemplate?.spec ?? spec;
  return [
    {
      name: object.name,
      namespace: metadataOf(object).namespace ?? "",
      labels: template?.metadata?.labels ?? {},
      pod: template?.spec ?? { containers: [] },
      claims: volumeClaimTemplates.map(({ metadata }) => metadata?.name),
    },
  ];
}
