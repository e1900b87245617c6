/** The objects that the platform consists of, as any other tool would take them. */

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A resource of an exported state, or of an operation. */
export interface StateResource {
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** Whether a resource is something that a provider manages, and not a component, a provider or the stack itself. */
export function isManaged({ type }: Pick<StateResource, "type">): boolean {
  return !type.startsWith("pulumi:") && !type.startsWith("datalab:");
}

/**
 * The Kubernetes objects of a state that was exported with its secrets, or of a preview, which has none, in the order in
 * which they are created.
 */
export function objectsOf(resources: readonly StateResource[]): KubernetesObject[] {
  return resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => plainValue(inputs) as KubernetesObject);
}

/** https://www.pulumi.com/docs/iac/concepts/secrets/: how a state marks a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Without the marks that the engine puts around secrets and beside defaults. */
function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if (fields[signature] === secretSignature) {
    const { plaintext } = fields;
    // A preview hides it. With us, it is the content of a Secret.
    return typeof plaintext === "string" ? plainValue(JSON.parse(plaintext)) : {};
  }
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name !== "__defaults")
      .map(([name, inner]) => [name, plainValue(inner)]),
  );
}

/** Objects of kinds that are built in, and objects of kinds that the former define. */
export function inTwoSteps(objects: readonly KubernetesObject[]): [KubernetesObject[], KubernetesObject[]] {
  const groups = new Set(definitionsIn(objects).map(({ spec }) => spec?.["group"]));
  const isCustom = ({ apiVersion }: KubernetesObject): boolean => groups.has(apiVersion.split("/")[0]);
  return [objects.filter((object) => !isCustom(object)), objects.filter(isCustom)];
}

export function definitionsIn(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter(({ kind }) => kind === "CustomResourceDefinition");
}

/** What `kubectl wait --for` has to wait for until the platform is as ready as Pulumi wants it, and for which objects. */
export function waitsFor(objects: readonly KubernetesObject[]): Map<string, KubernetesObject[]> {
  const waits = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    for (const condition of readiness(object)) waits.set(condition, [...(waits.get(condition) ?? []), object]);
  }
  return waits;
}

const addressed = "jsonpath={.status.loadBalancer.ingress}";

/** Built-in kinds in kubectl's own terms, which are not always those of Pulumi's annotation; other kinds as that one says. */
function readiness({ kind, metadata, spec }: KubernetesObject): readonly string[] {
  const { annotations = {} } = metadata;
  if (annotations["pulumi.com/skipAwait"] === "true") return [];
  switch (kind) {
    case "Deployment":
      return ["condition=Available"];
    case "StatefulSet":
      return [`jsonpath={.status.readyReplicas}=${Number(spec?.["replicas"] ?? 1)}`];
    case "Job":
      return ["condition=Complete"];
    case "Ingress":
      return [addressed];
    case "Service":
      return spec?.["type"] === "LoadBalancer" ? [addressed] : [];
    default:
      return conditionsIn(annotations["pulumi.com/waitFor"]);
  }
}

/** One condition, or several as a JSON array. */
function conditionsIn(annotation: string | undefined): readonly string[] {
  if (annotation === undefined) return [];
  return annotation.startsWith("[") ? (JSON.parse(annotation) as string[]) : [annotation];
}

/** As many objects as wanted, each as plain as can be. */
export function configMaps(count: number, name: string): KubernetesObject[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `${name}-${index}`, namespace: "default" },
    data: { number: String(index) },
  }));
}

/** The same definitions under another name, so that they can stand beside the originals. */
export function renamedDefinitions(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return definitionsIn(objects).map((definition) => {
    const group = String(definition.spec?.["group"]);
    return JSON.parse(JSON.stringify(definition).replaceAll(group, `bench.${group}`)) as KubernetesObject;
  });
}
