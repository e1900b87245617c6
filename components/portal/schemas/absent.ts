/** What this platform has not: the form does not ask for it, and the API does not take it. */
import { draft, fixed, hidden, type JsonSchema, oneLine } from "./schema.ts";

function switchedOff(title: string): JsonSchema {
  return { $schema: draft, title, type: "object", properties: { enabled: fixed("boolean", false) } };
}

/** There is no Vault. */
export function vault(): JsonSchema {
  return switchedOff("Vault");
}

/** This is no OpenShift: the role that the charts would bind does not exist. */
export function securityContextConstraints(): JsonSchema {
  return switchedOff("Security context constraints");
}

/** Clusters with GPUs may have a RuntimeClass, so a name is taken; the form does not ask for it. */
export function runtimeClass(): JsonSchema {
  return { $schema: draft, default: "", ...oneLine, pattern: "^[-.a-z0-9]*$", ...hidden };
}
