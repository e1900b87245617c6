import type * as pulumi from "@pulumi/pulumi";

/**
 * How long each object of a component may take to become ready or to go away, instead of the provider's ten minutes.
 * Timeouts are not inherited from a component, so this is handed down as a transformation.
 */
export function readyWithin(seconds: number): pulumi.ResourceTransformation {
  const timeout = `${seconds}s`;
  return ({ type, props, opts }) =>
    type.startsWith("kubernetes:")
      ? { props, opts: { ...opts, customTimeouts: { create: timeout, update: timeout, delete: timeout } } }
      : undefined;
}
