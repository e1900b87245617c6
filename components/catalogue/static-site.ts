/** A page of one's own on the internet: a stateless application in its smallest form. */
import { containerSecurityContext, podSecurityContext } from "../kubernetes/pod-hygiene.ts";
import { type Chart, manifest, when } from "./chart.ts";
import { ingressTemplate, labelsIn, metadataIn, portalValues, schemaWith, serviceTemplate } from "./service-parts.ts";

const name = "static-site";
const most = 5;

/** User of the image. @see https://github.com/nginx/docker-nginx-unprivileged */
const user = 101;

const page = `<!doctype html>
<meta charset="utf-8">
<title>Hello</title>
<h1>Hello from the datalab</h1>
<p>This page is served by every pod of this service. Delete one, and it stays.</p>
`;

const deployment = manifest({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: metadataIn(name),
  spec: {
    replicas: "{{ if .Values.global.suspend }}0{{ else }}{{ int .Values.replicas }}{{ end }}",
    selector: { matchLabels: labelsIn(name) },
    template: {
      // Another page starts other pods.
      metadata: { labels: labelsIn(name), annotations: { "checksum/page": "{{ .Values.page | sha256sum | toJson }}" } },
      spec: {
        enableServiceLinks: false,
        automountServiceAccountToken: false,
        securityContext: podSecurityContext(user),
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: labelsIn(name) },
          },
        ],
        containers: [
          {
            name: "nginx",
            image: "{{ .Values.image | toJson }}",
            ports: [{ name: "http", containerPort: 8080 }],
            readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 2 },
            livenessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 15 },
            resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
            securityContext: containerSecurityContext(),
            // Whoever sends it visitors learns of its end later than the pod.
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
            volumeMounts: [
              { name: "page", mountPath: "/usr/share/nginx/html", readOnly: true },
              { name: "tmp", mountPath: "/tmp" },
            ],
          },
        ],
        volumes: [
          { name: "page", configMap: { name: "{{ .Release.Name }}" } },
          { name: "tmp", emptyDir: {} },
        ],
      },
    },
  },
});

/** @param image program that serves the page */
export function staticSite(image: string): Chart {
  return {
    metadata: {
      name,
      version: "1.0.0",
      description: "A page of your own on the internet, served by several pods that keep nothing.",
      keywords: ["web", "stateless"],
      home: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
    },
    values: { replicas: 2, page, image, ...portalValues },
    schema: schemaWith({
      page: {
        title: "Page",
        description: "What visitors see, in HTML. – Ce que voient les visiteurs, en HTML.",
        type: "string",
        default: page,
        maxLength: 500_000,
        render: "textArea",
      },
      replicas: {
        title: "Pods",
        description: "How many serve it. With two it outlives one. – Combien la servent. À deux, elle survit à l'un.",
        type: "integer",
        default: 2,
        minimum: 1,
        maximum: most,
      },
    }),
    templates: {
      "configmap.yaml": manifest({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: metadataIn(name),
        data: { "index.html": "{{ .Values.page | toJson }}" },
      }),
      "deployment.yaml": deployment,
      "service.yaml": serviceTemplate(name, 80),
      "ingress.yaml": ingressTemplate(name),
      "pdb.yaml": when(
        "gt (int .Values.replicas) 1",
        manifest({
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          metadata: metadataIn(name),
          spec: { maxUnavailable: 1, selector: { matchLabels: labelsIn(name) } },
        }),
      ),
      "NOTES.txt": [
        "Your page: https://{{ .Values.ingress.hostname }}",
        "",
        "Kill one of its pods: the page stays. Nothing that a pod writes outlives it, and no two pods share it.",
        "Tuez un de ses pods : la page reste. Rien de ce qu'un pod écrit ne lui survit.",
        "",
      ].join("\n"),
    },
  };
}
