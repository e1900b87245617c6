/** What the charts have in common: what the portal and the platform's rules ask of a service. */
import { manifest, when } from "./chart.ts";

/** Labels of every object; by `instance` the portal finds the pods of a service. */
export function labelsIn(chart: string): Record<string, string> {
  return { "app.kubernetes.io/name": chart, "app.kubernetes.io/instance": "{{ .Release.Name }}" };
}

export function metadataIn(chart: string): Readonly<Record<string, unknown>> {
  return { name: "{{ .Release.Name }}", labels: labelsIn(chart) };
}

export function serviceTemplate(chart: string, port: number): string {
  return manifest({
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataIn(chart),
    spec: { selector: labelsIn(chart), ports: [{ name: "http", port, targetPort: "http" }] },
  });
}

/** The portal shows its host as the link. It names no Secret: the controller answers with the platform's certificate. */
export function ingressTemplate(chart: string): string {
  const host = "{{ .Values.ingress.hostname | toJson }}";
  const backend = { service: { name: "{{ .Release.Name }}", port: { name: "http" } } };
  return when(
    "not .Values.global.suspend",
    manifest({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: metadataIn(chart),
      spec: {
        ingressClassName: "{{ .Values.ingress.ingressClassName | toJson }}",
        tls: [{ hosts: [host] }],
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    }),
  );
}

const hidden = { hidden: true };

/** Values that the portal fills in. */
export const portalValues = {
  ingress: { hostname: "chart-example.local", ingressClassName: "nginx" },
  global: { suspend: false },
};

/** Their place in the form's schema: nothing that a person is asked. */
export const portalProperties = {
  ingress: {
    title: "Ingress",
    type: "object",
    additionalProperties: false,
    properties: {
      hostname: {
        type: "string",
        pattern: "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
        "x-onyxia": { ...hidden, overwriteDefaultWith: "{{project.id}}-{{k8s.randomSubdomain}}-0.{{k8s.domain}}" },
      },
      ingressClassName: {
        type: "string",
        pattern: "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
        "x-onyxia": { ...hidden, overwriteDefaultWith: "{{k8s.ingressClassName}}" },
      },
    },
  },
  global: {
    title: "Suspend",
    type: "object",
    properties: { suspend: { type: "boolean", default: false, "x-onyxia": hidden } },
  },
};

/** Program that the service runs: no question of the form. */
export const imageProperty = { title: "Image", type: "string", minLength: 1, "x-onyxia": hidden };

/** Schema of a chart's values. @param properties what the form asks beside what the portal fills in */
export function schemaWith(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: { ...properties, image: imageProperty, ...portalProperties },
  };
}
