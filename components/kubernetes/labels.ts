/** Labels of every object that the platform makes, and selectors that never change. */

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export function labelsFor(name: string): Record<string, string> {
  return { ...selectorFor(name), "app.kubernetes.io/managed-by": "pulumi" };
}

/** A workload's selector is immutable: it holds only what can never change. */
export function selectorFor(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "datalab" };
}
