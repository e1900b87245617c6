/**
 * What does not fit together in a graph of Kubernetes objects. The API server accepts each of these alone: a Service whose
 * selector finds no pod, a mount of a volume that is not there, a policy that opens a port where nobody listens.
 */
import type { Graph, Registration } from "../graph.ts";
import { inPod } from "./pods.ts";
import { inRights } from "./rights.ts";
import { selections } from "./selections.ts";
import { kindOf, metadataOf, selectableOf, workloadOf } from "./shapes.ts";

interface Options {
  /** `Kind name` of objects that another part of the platform makes. */
  readonly elsewhere?: readonly string[];
}

const clusterWide = /Namespace|Cluster|PriorityClass|StorageClass|IngressClass|Admission|Webhook|CustomResource/;

/** One sentence each; none in a graph that fits together. */
export function looseEnds({ resources }: Graph<unknown>, { elsewhere = [] }: Options = {}): string[] {
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:") && kindOf(type) !== undefined);
  const workloads = objects.flatMap(workloadOf);
  const selectable = objects.flatMap(selectableOf);
  const known = new Set([
    ...elsewhere,
    ...objects.map((object) => `${kindOf(object.type)} ${metadataOf(object).name}`),
  ]);
  return [
    ...objects.flatMap((object) => unnamed(object).map((what) => `${object.name}: ${what}`)),
    ...workloads.flatMap((one) => inPod(one, known).map((what) => `${one.name}: ${what}`)),
    ...objects.flatMap((object) => inRights(object, known).map((what) => `${object.name}: ${what}`)),
    ...objects.flatMap((object) => selections(object, selectable, objects).map((what) => `${object.name}: ${what}`)),
  ];
}

function unnamed(object: Registration): string[] {
  const { name, namespace, labels = {} } = metadataOf(object);
  const kind = kindOf(object.type) ?? "";
  return [
    ...(name === undefined ? ["has no name"] : []),
    ...(object.parent === undefined ? ["belongs to no component"] : []),
    ...(namespace === undefined && !clusterWide.test(kind) ? ["has no namespace"] : []),
    ...(labels["app.kubernetes.io/part-of"] === "datalab" ? [] : ["is not marked as the platform's"]),
    ...(kind === "ServiceAccount" && object.inputs["automountServiceAccountToken"] !== false
      ? ["gives its token to every pod that does not refuse it"]
      : []),
    ...(labels["app.kubernetes.io/managed-by"] === "pulumi" ? [] : ["does not say that Pulumi looks after it"]),
  ];
}
