/** A Helm repository in the cluster: the portal's API is not ready without one, and the node reaches none outside. */
import { join } from "node:path";

import { repositoryIndex } from "../../components/catalogue/package.ts";
import { imageReference } from "../../components/kubernetes/image.ts";
import { images } from "../../components/versions.ts";
import { packFolder } from "./chart-package.ts";

const name = "charts";
const namespace = "catalogue";
const labels = { app: name };

/** The one chart, small and real: a page of one's own. */
export function helloChart() {
  return packFolder(join(import.meta.dirname, "charts/hello"), imageReference(images.onyxiaWeb));
}

const server = `
const { createServer } = require("node:http");
const { readdirSync, readFileSync } = require("node:fs");
createServer((request, response) => {
  const file = request.url.slice(1);
  if (!/^(index\\.yaml|.*\\.tgz)$/.test(file) || !readdirSync("/charts").includes(file)) {
    return response.writeHead(404).end();
  }
  const type = file.endsWith(".tgz") ? "application/gzip" : "text/yaml";
  response.writeHead(200, { "content-type": type }).end(readFileSync("/charts/" + file));
}).listen(8080);
`;

/** Catalogues of the stack: the same repository by its public address, under the private CA, and inside. */
export function catalogs(domain: string): object[] {
  return [
    { id: "public", name: "Public", location: `https://${name}.${domain}` },
    { id: "inside", name: "Inside", location: `http://${name}.${namespace}.svc:8080` },
  ];
}

/** Objects to create before the platform. The image is one that the node has. */
export function catalogueObjects(domain: string): object[] {
  const metadata = { name, namespace, labels };
  const hello = helloChart();
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { "index.yaml": repositoryIndex([hello]), "server.cjs": server },
      binaryData: { [hello.fileName]: hello.archive.toString("base64") },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        automountServiceAccountToken: false,
        containers: [
          {
            name,
            image: imageReference(images.onyxiaWeb),
            command: ["node", "/charts/server.cjs"],
            volumeMounts: [{ name, mountPath: "/charts" }],
          },
        ],
        volumes: [{ name, configMap: { name } }],
      },
    },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port: 8080 }] } },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata,
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: [`${name}.${domain}`] }],
        rules: [
          {
            host: `${name}.${domain}`,
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { number: 8080 } } } }],
            },
          },
        ],
      },
    },
  ];
}
