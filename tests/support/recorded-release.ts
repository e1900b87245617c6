/** A chart for helm that renders recorded objects. */
import { stringify } from "yaml";

import type { KubernetesObject } from "./workspaces.ts";

/** Number of pods in the templates: YAML has no place for a template's words. */
const replicas = -1;

/**
 * Files of the chart by path. As INSEE's charts do, it has no pods and no Ingress while it is paused
 * (`global.suspend`), and shows `note` in an annotation of its pods, so that an upgrade changes them.
 */
export function recordedRelease(name: string, objects: readonly KubernetesObject[]): Record<string, string> {
  return {
    "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    "values.yaml": 'global: { suspend: false }\nnote: ""\n',
    "templates/objects.yaml": objects.map(document).join("---\n"),
  };
}

function document(object: KubernetesObject): string {
  if (object["kind"] === "Ingress") return `{{ if not .Values.global.suspend }}\n${stringify(object)}{{ end }}\n`;
  const { spec } = object as { spec?: { replicas?: number; template?: Template } };
  if (spec?.template === undefined) return stringify(object);
  const { metadata, ...template } = spec.template;
  const annotations = { ...metadata?.annotations, note: "{{ .Values.note }}" };
  const running = { ...spec, replicas, template: { ...template, metadata: { ...metadata, annotations } } };
  const count = `replicas: {{ if .Values.global.suspend }}0{{ else }}${spec.replicas ?? 1}{{ end }}`;
  return stringify({ ...object, spec: running }).replace(`replicas: ${replicas}`, count);
}

interface Template {
  readonly metadata?: { readonly annotations?: Record<string, string> };
}
