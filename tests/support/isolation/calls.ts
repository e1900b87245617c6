/** Calls of the Kubernetes API, as attempts make them. */

export type KubernetesObject = Record<string, unknown>;

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: KubernetesObject;
  /** User that the caller pretends to be. */
  readonly as?: string;
  /** Whether it is carried out; else it only goes through all checks. */
  readonly real?: boolean;
}

/** Where the attempts are at home, and a neighbour. */
export const own = "user-mallory";
export const neighbour = "user-alice";

/** Creates an object in a namespace; undefined: in the cluster. */
export function create(object: KubernetesObject, namespace: string | undefined = own): Call {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  return { method: "POST", path: pathOf(apiVersion, resourceOf(kind), namespace), body: object };
}

/** Creates it in the cluster, outside of all namespaces. */
export function createInCluster(object: KubernetesObject): Call {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  return { method: "POST", path: pathOf(apiVersion, resourceOf(kind), undefined), body: object };
}

/** @param resource Its plural, with the group's version where there is a group: `apps/v1/deployments`. */
export function read(resource: string, namespace?: string, name?: string): Call {
  return { method: "GET", path: addressOf(resource, namespace, name) };
}

/** Deletes an object, or without a name all of them. */
export function remove(resource: string, name?: string, namespace: string | undefined = own): Call {
  return { method: "DELETE", path: addressOf(resource, namespace, name) };
}

/** Changes an object. */
export function change(resource: string, name: string, body: KubernetesObject, namespace: string = own): Call {
  return { method: "PATCH", path: addressOf(resource, namespace, name), body };
}

/** The same as somebody else. */
export function pretending(as: string, call: Call): Call {
  return { ...call, as };
}

/** Really, and so often, with numbered names. */
export function often(times: number, object: KubernetesObject, namespace: string): readonly Call[] {
  return Array.from({ length: times }, (_, index) => ({
    ...create({ ...object, metadata: { name: `thing-${index}` } }, namespace),
    real: true,
  }));
}

function addressOf(resource: string, namespace?: string, name?: string): string {
  const at = resource.lastIndexOf("/");
  const path = pathOf(at < 0 ? "v1" : resource.slice(0, at), resource.slice(at + 1), namespace);
  return name === undefined ? path : `${path}/${name}`;
}

/** Address of a collection. */
export function pathOf(apiVersion: string, resource: string, namespace: string | undefined): string {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${group}/${resource}` : `${group}/namespaces/${namespace}/${resource}`;
}

/** How a kind is called in addresses. */
export function resourceOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular === "endpoints") return singular;
  if (singular.endsWith("s")) return `${singular}es`;
  return singular.endsWith("y") ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
