/** Kubernetes objects as a chart renders them: what they are called in Pulumi, and in which order they are made. */

/** An object of any kind. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Pulumi's type of an object. The core group has no name in Kubernetes, and is `core` in Pulumi. */
export function typeToken({ apiVersion, kind }: KubernetesObject): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

/** Logical name, unique within one rendering. */
export function logicalName(owner: string, { kind, metadata }: KubernetesObject): string {
  const place = metadata.namespace === undefined ? "" : `${metadata.namespace}/`;
  return `${owner}-${kind}-${place}${metadata.name}`;
}

/** Whether the chart wants the object to outlive its release. */
export function isKept({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.["helm.sh/resource-policy"] === "keep";
}

/** Kinds by stage. What is in none of them belongs to the second stage. */
const kindsByStage = [
  ["CustomResourceDefinition", "Namespace"],
  [],
  ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"],
  ["APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
] as const satisfies readonly (readonly string[])[];

/**
 * Groups in the order of their creation; deletion goes backwards. Webhooks come after the workload that answers them,
 * else they would refuse the chart's own objects. Hooks of an installation come last: upstream means them to see
 * everything else ready.
 */
export function inOrder(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  const stages = new Map<number, KubernetesObject[]>();
  for (const object of objects.filter(isInstalled)) {
    const stage = stageOf(object);
    stages.set(stage, [...(stages.get(stage) ?? []), object]);
  }
  return [...stages.keys()].toSorted((a, b) => a - b).map((stage) => stages.get(stage) ?? []);
}

function stageOf(object: KubernetesObject): number {
  const stage = kindsByStage.findIndex((kinds: readonly string[]) => kinds.includes(object.kind));
  return (stage === -1 ? 1 : stage) + (hooksOf(object).length > 0 ? kindsByStage.length : 0);
}

/** Hooks before a deletion and chart tests are not objects of an installation. */
function isInstalled(object: KubernetesObject): boolean {
  const hooks = hooksOf(object);
  return hooks.length === 0 || hooks.some((hook) => hook === "post-install" || hook === "post-upgrade");
}

function hooksOf({ metadata }: KubernetesObject): string[] {
  const text = metadata.annotations?.["helm.sh/hook"];
  return text === undefined ? [] : text.split(",").map((hook) => hook.trim());
}

/**
 * The object without the descriptions of its schema, if it is a CustomResourceDefinition. They are three quarters of
 * its size, and every operation of the engine copies and logs each level of it several times
 * (docs/adr/0004-charts.md). What is accepted and defaulted stays the same; `kubectl explain` loses its texts.
 */
export function withoutDescriptions(object: KubernetesObject): KubernetesObject {
  return object.kind === "CustomResourceDefinition" ? (lighten(object, "value") as KubernetesObject) : object;
}

/** In a map of properties, `description` is the name of a field; in a default or an enumeration, it is data. */
function lighten(value: unknown, role: "value" | "properties"): unknown {
  if (Array.isArray(value)) return value.map((element) => lighten(element, "value"));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => role === "properties" || key !== "description" || typeof inner !== "string")
      .map(([key, inner]) => {
        if (role === "value" && ["default", "enum", "example"].includes(key)) return [key, inner as unknown];
        return [key, lighten(inner, role === "value" && key === "properties" ? "properties" : "value")];
      }),
  );
}
