/** The servers of the catalogue: nginx, and files that never change. */
import type * as k8s from "@pulumi/kubernetes";

import { staysFor } from "../kubernetes/graceful-shutdown.ts";
import { imageReference } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { allow, fromPeers, podsOf } from "../kubernetes/network-policy.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { spread } from "../kubernetes/spread.ts";
import { namespaces } from "../names.ts";
import { images } from "../versions.ts";
import { catalogueName } from "./names.ts";
import { type ChartPackage, repositoryIndex } from "./package.ts";
import type { CatalogueSettings } from "./settings.ts";

const namespace = namespaces.catalogue;

export const serverPort = 8080;

/** @see https://github.com/nginx/docker-nginx-unprivileged */
const user = 101;

const folder = "/catalogue";

/**
 * All of nginx's configuration: nothing of the image's is read, and nothing is written but below `/tmp`. Clients ask anew
 * each time: Onyxia's API keeps an archive as long as it may.
 */
const configuration = `worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events {}
http {
  access_log off;
  server_tokens off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  types {
    application/gzip tgz;
    text/yaml yaml;
  }
  default_type text/plain;
  server {
    listen ${serverPort};
    root ${folder};
    add_header Cache-Control no-cache always;
    location = /index.yaml {}
    location ~ ^/[^/]+[.]tgz$ {}
    location = /health { return 200 "ok\\n"; }
    location / { return 404; }
  }
}
`;

/** Files of the servers. A ConfigMap holds 1 MiB at most. */
export interface CatalogueContent {
  readonly data: Readonly<Record<string, string>>;
  readonly binaryData: Readonly<Record<string, string>>;
}

export function contentOf(packages: readonly ChartPackage[]): CatalogueContent {
  const sorted = packages.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
  return {
    data: { "index.yaml": repositoryIndex(sorted), "nginx.conf": configuration },
    binaryData: Object.fromEntries(sorted.map(({ fileName, archive }) => [fileName, archive.toString("base64")])),
  };
}

/** Its name says what is in it: other charts are another ConfigMap, so that no server ever has half of each. */
export function contentConfigMap(content: CatalogueContent, hash: string): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: { name: contentName(hash), namespace, labels: labelsFor(catalogueName) },
    immutable: true,
    data: { ...content.data },
    binaryData: { ...content.binaryData },
  };
}

export function contentName(hash: string): string {
  return `${catalogueName}-${hash}`;
}

export interface ServerInputs {
  readonly settings: Pick<CatalogueSettings, "replicas" | "resources">;
  /** Of the content. */
  readonly hash: string;
  readonly imageMirror?: string | undefined;
}

export function serverDeployment({ settings, hash, imageMirror }: ServerInputs): k8s.apps.v1.DeploymentArgs {
  const probe = { httpGet: { path: "/health", port: "http" } };
  return {
    metadata: { name: catalogueName, namespace, labels: labelsFor(catalogueName) },
    spec: {
      replicas: settings.replicas,
      selector: { matchLabels: selectorFor(catalogueName) },
      template: {
        metadata: { labels: labelsFor(catalogueName) },
        spec: {
          serviceAccountName: catalogueName,
          automountServiceAccountToken: false,
          ...platformPod(user),
          ...(settings.replicas > 1 ? spread(catalogueName) : {}),
          containers: [
            {
              name: "nginx",
              image: imageReference(images.nginx, imageMirror),
              command: ["nginx", "-c", `${folder}/nginx.conf`, "-g", "daemon off;"],
              ports: [{ name: "http", containerPort: serverPort }],
              readinessProbe: { ...probe, periodSeconds: 2 },
              livenessProbe: { ...probe, periodSeconds: 15 },
              ...platformContainer(settings.resources),
              ...(settings.replicas > 1 ? staysFor(2) : {}),
              volumeMounts: [
                { name: "content", mountPath: folder, readOnly: true },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "content", configMap: { name: contentName(hash) } },
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
    },
  };
}

/** It has no rights. */
export function serverAccount(): k8s.core.v1.ServiceAccountArgs {
  const metadata = { name: catalogueName, namespace, labels: labelsFor(catalogueName) };
  return { metadata, automountServiceAccountToken: false };
}

export function serverService(): k8s.core.v1.ServiceArgs {
  return {
    metadata: {
      name: catalogueName,
      namespace,
      labels: labelsFor(catalogueName),
      annotations: withoutWait,
    },
    spec: { selector: selectorFor(catalogueName), ports: [{ name: "http", port: 80, targetPort: "http" }] },
  };
}

/** The portal asks; the servers call nobody. */
export function serverPolicy(): k8s.networking.v1.NetworkPolicyArgs {
  return allow(namespace, catalogueName, { from: [fromPeers([podsOf(namespaces.portal)], serverPort)] });
}
