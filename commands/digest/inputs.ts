/** Reads inputs of resources, whatever shape they have. */
import type { Inputs } from "../flip/engine-events.ts";

/** Namespace and name of an object. Without a cluster to ask, the provider writes the namespace `default` on newer kinds that have none. */
export function nameIn(inputs: Inputs): string {
  const namespace = namespaceIn(inputs);
  return `${["", "default"].includes(namespace) ? "" : `${namespace}/`}${textAt(objectAt(inputs, "metadata"), "name") ?? "?"}`;
}

export function namespaceIn(inputs: Inputs): string {
  return textAt(objectAt(inputs, "metadata"), "namespace") ?? "";
}

export function objectAt(inputs: Inputs, key: string): Inputs {
  const value = inputs[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Inputs) : {};
}

export function listAt(inputs: Inputs, key: string): Inputs[] {
  const value = inputs[key];
  return Array.isArray(value) ? value.filter((one): one is Inputs => typeof one === "object" && one !== null) : [];
}

export function stringsAt(inputs: Inputs, key: string): string[] {
  const value = inputs[key];
  return Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : [];
}

export function textAt(inputs: Inputs, key: string): string | undefined {
  const value = inputs[key];
  return typeof value === "string" ? value : undefined;
}

/** A text or a number, as a text. */
export function wordOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
