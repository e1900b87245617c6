/** Pulumi takes a custom resource for done when the API server has stored it, unless it is told what to wait for. */
export function until(condition: "Ready"): Record<string, string> {
  return { "pulumi.com/waitFor": `condition=${condition}` };
}
