/** Jupyter as a chart, with nothing but what it needs. */
import { notebookPod } from "../kubernetes/notebook.ts";
import { type Chart, manifest, when } from "./chart.ts";
import { ingressTemplate, labelsIn, metadataIn, portalValues, schemaWith, serviceTemplate } from "./service-parts.ts";

const name = "jupyter-basic";

/** A volume that outlives the pod, or one that does not. */
const home =
  "{{ ternary (dict `name` `home` `persistentVolumeClaim` (dict `claimName` .Release.Name)) (dict `name` `home` `emptyDir` (dict)) .Values.persistence.enabled | toJson }}";

const pod = notebookPod({
  image: "{{ .Values.image | toJson }}",
  resources: "{{ .Values.resources | toJson }}",
  token: { name: "{{ .Release.Name }}", key: "token" },
  home,
});

const deployment = manifest({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: metadataIn(name),
  spec: {
    replicas: "{{ if .Values.global.suspend }}0{{ else }}1{{ end }}",
    // A volume has one pod at a time.
    strategy: { type: "Recreate" },
    selector: { matchLabels: labelsIn(name) },
    template: {
      metadata: {
        labels: labelsIn(name),
        annotations: { "checksum/token": "{{ .Values.token | sha256sum | toJson }}" },
      },
      spec: pod,
    },
  },
});

/** @param image Jupyter's own, or one that is made like it */
export function jupyterBasic(image: string): Chart {
  return {
    metadata: {
      name,
      version: "1.0.0",
      description: "Jupyter as its makers ship it, with a token and, if you like, a volume.",
      keywords: ["notebook", "python"],
      home: "https://jupyter-docker-stacks.readthedocs.io",
    },
    values: {
      token: "",
      image,
      resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1", memory: "2Gi" } },
      persistence: { enabled: true, size: "10Gi" },
      ...portalValues,
    },
    schema: schemaWith({
      token: {
        title: "Token",
        description: "What one has to know to come in. – Ce qu'il faut savoir pour entrer.",
        type: "string",
        default: "",
        render: "password",
        "x-onyxia": { overwriteDefaultWith: "{{service.oneTimePassword}}" },
      },
      resources: {
        title: "Resources",
        type: "object",
        "x-onyxia": { overwriteSchemaWith: "ide/resources.json" },
        properties: {
          requests: {
            type: "object",
            properties: {
              cpu: { title: "Guaranteed CPU", type: "string", default: "100m" },
              memory: { title: "Guaranteed memory", type: "string", default: "512Mi" },
            },
          },
          limits: {
            type: "object",
            properties: {
              cpu: { title: "Most CPU", type: "string", default: "1" },
              memory: { title: "Most memory", type: "string", default: "2Gi" },
            },
          },
        },
      },
      persistence: {
        title: "Persistence",
        type: "object",
        "x-onyxia": { overwriteSchemaWith: "ide/persistence.json" },
        properties: {
          enabled: { title: "Keep files on a volume", type: "boolean", default: true },
          size: { title: "Size of the volume", type: "string", default: "10Gi" },
        },
      },
    }),
    templates: {
      "secret.yaml": manifest({
        apiVersion: "v1",
        kind: "Secret",
        metadata: metadataIn(name),
        // An empty one would open it to everybody. Without one, Jupyter makes up its own, and logs it.
        stringData: "{{ if .Values.token }}{{ dict `token` .Values.token | toJson }}{{ else }}{}{{ end }}",
      }),
      "pvc.yaml": when(
        ".Values.persistence.enabled",
        manifest({
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: metadataIn(name),
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "{{ .Values.persistence.size | toJson }}" } },
          },
        }),
      ),
      "deployment.yaml": deployment,
      "service.yaml": serviceTemplate(name, 80),
      "ingress.yaml": ingressTemplate(name),
      "NOTES.txt": [
        "Your notebook: https://{{ .Values.ingress.hostname }}",
        "",
        "{{ if .Values.token }}Token: {{ .Values.token }}{{ else }}Its token stands in its log.{{ end }}",
        "",
        "{{ if .Values.persistence.enabled -}}",
        "What lies in your home folder is on a volume and outlives the pod; the volume goes with the service.",
        "{{- else -}}",
        "There is no volume: when the pod goes, so does your work. Push it to git or to your bucket.",
        "{{- end }}",
        "",
      ].join("\n"),
    },
  };
}
