import { draft, filledWith, fixed, hidden, type JsonSchema, oneLineEach } from "./schema.ts";

/** The charts let pods of the same namespace in, and whoever stands in `from`. */
export function networkPolicy(isolated: boolean, ingressNamespace: string): JsonSchema {
  const fromIngress = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": ingressNamespace } } }];
  return {
    $schema: draft,
    title: "Network policy",
    type: "object",
    properties: {
      enabled: { type: "boolean", default: isolated, ...hidden },
      from: { type: "array", default: isolated ? fromIngress : [], ...hidden },
    },
  };
}

/** Ports of a person's own programs. The Service's type and address stand beside them without quotes. */
export function networking(): JsonSchema {
  const enabled = { type: "boolean", title: "Give a program of your own in the service an address", default: false };
  const whenOpen = { hidden: { value: false, path: "networking/user/enabled" } };
  const port = { type: "integer", minimum: 1, maximum: 65535, default: 5000 };
  return {
    $schema: draft,
    title: "Network access",
    type: "object",
    ...oneLineEach,
    properties: {
      user: {
        type: "object",
        title: "Ports",
        properties: {
          enabled,
          port: { ...port, title: "Port that it listens to", ...whenOpen },
          ports: { type: "array", title: "Further ports", default: [], items: port, ...hidden },
        },
      },
    },
  };
}

/** Hosts below the services' domain, and the wildcard certificate: a service has none of its own. */
export function ingress(): JsonSchema {
  const host = (word: string) => ({
    type: "string",
    ...filledWith(`{{project.id}}-{{k8s.randomSubdomain}}-${word}.{{k8s.domain}}`, { hidden: true }),
  });
  return {
    $schema: draft,
    title: "Ingress",
    type: "object",
    ...oneLineEach,
    properties: {
      enabled: { type: "boolean", default: true, ...filledWith("k8s.ingress", { hidden: true }) },
      hostname: host("0"),
      userHostname: host("user"),
      ingressClassName: { type: "string", default: "", ...filledWith("{{k8s.ingressClassName}}", { hidden: true }) },
      useCertManager: fixed("boolean", false),
      useTlsSecret: fixed("boolean", false),
    },
  };
}
