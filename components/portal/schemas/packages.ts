import { noProxy, type Proxy } from "../../kubernetes/proxy.ts";
import { draft, filledWith, hidden, type JsonSchema, oneLineEach } from "./schema.ts";

/** Mirrors of packages. One file for charts of Python, R and Spark: each takes what it knows. */
export function packageRepositories(): JsonSchema {
  const address = (field: string) => ({
    type: "string",
    default: "",
    ...filledWith(`{{packageRepositoryInjection.${field}}}`, { hidden: true }),
  });
  return {
    $schema: draft,
    title: "Package repositories",
    type: "object",
    ...oneLineEach,
    properties: {
      pipRepository: address("pypiProxyUrl"),
      condaRepository: address("condaProxyUrl"),
      rRepository: address("cranProxyUrl"),
      packageManagerUrl: address("packageManagerUrl"),
    },
  };
}

/** A proxy to the internet; hidden as upstream has it. */
export function proxy(given?: Proxy): JsonSchema {
  const text = (value = "") => ({ type: "string", default: value, ...hidden });
  return {
    $schema: draft,
    title: "Proxy",
    type: "object",
    ...oneLineEach,
    properties: {
      enabled: { type: "boolean", default: given !== undefined, ...hidden },
      httpProxy: text(given?.http),
      httpsProxy: text(given?.https),
      noProxy: text(given && noProxy(given)),
    },
  };
}
