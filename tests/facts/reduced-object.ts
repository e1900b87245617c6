/** What admission and quotas look at in a rendered object; texts of charts and values of users are left out. */
import type { Schema } from "../support/resolved-schema.ts";
import { isSchema } from "../support/resolved-schema.ts";

/** A Kubernetes object; parsed YAML has no better type. */
export type KubernetesObject = Schema & { readonly kind: string };

/** Fields whose values are programs, texts or secrets: the field stays, or its keys, the value goes. */
const emptied = new Set(["data", "stringData"]);
const dropped = new Set(["command", "args", "livenessProbe", "readinessProbe", "startupProbe"]);

export function reducedObject(object: KubernetesObject): KubernetesObject {
  return reduce(object, "") as KubernetesObject;
}

function reduce(node: unknown, key: string): unknown {
  if (Array.isArray(node)) return node.map((item) => (key === "env" ? withoutValue(item) : reduce(item, key)));
  if (!isSchema(node)) return node;
  if (emptied.has(key)) return Object.fromEntries(Object.keys(node).map((name) => [name, ""]));
  return Object.fromEntries(
    Object.entries(node)
      .filter(([name, value]) => !dropped.has(name) && value !== null)
      .map(([name, value]) => [name, name.startsWith("checksum/") ? "" : reduce(value, name)]),
  );
}

function withoutValue(variable: unknown): unknown {
  return isSchema(variable) && "value" in variable ? { ...variable, value: "" } : variable;
}
