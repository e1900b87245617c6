/** A service of alice's, as the portal would start one: it tells what reaches it. */
import { until } from "../../testbed/node/until.ts";
import { keycloakWorkload } from "../../components/identity/names.ts";
import { imageReference } from "../../components/kubernetes/image.ts";
import { namespaces } from "../../components/names.ts";
import { images } from "../../components/versions.ts";
import type { Walk } from "./walk.ts";

const name = "echo";
export const echoNamespace = "user-alice";

/** Below the domain of the services, in the form that the platform admits. */
export function echoHost(servicesDomain: string, number: number): string {
  return `${echoNamespace}-${number}-${name}.${servicesDomain}`;
}

/** Answers with what was asked; after an upgrade, with the same bytes. */
const program = `
const { createServer } = require("node:http");
let requests = 0;
createServer((request, response) => {
  // The kubelet asks for this one by itself.
  if (request.url !== "/ready") requests++;
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const { method, url, headers } = request;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ method, url, headers, body, requests }));
  });
})
  .on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\\r\\nupgrade: websocket\\r\\nconnection: Upgrade\\r\\n\\r\\n");
    socket.pipe(socket);
  })
  .listen(8080);
`;

/** What the service has been asked. */
export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How many requests have reached it so far. */
  readonly requests: number;
}

const elsewhere = "elsewhere";
const keycloakHost = `${keycloakWorkload}.${namespaces.identity}.svc.cluster.local`;
const leadingTo = (externalName: string) => ({ type: "ExternalName", externalName, ports: [{ port: 8080 }] });

/** Starts it, with one Ingress that is open and one for an allowed address alone. A third leads out. */
export async function startEcho({ platform, web }: Walk, allowed: string): Promise<void> {
  const { hosts } = platform;
  const labels = { app: name };
  const metadata = { name, namespace: echoNamespace, labels };
  const items = [
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "server.cjs": program } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            containers: [
              {
                name,
                image: imageReference(images.onyxiaWeb),
                command: ["node", "/echo/server.cjs"],
                // The namespace's quota wants to know them.
                resources: { requests: { cpu: "50m", memory: "64Mi" } },
                readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 1 },
                volumeMounts: [{ name, mountPath: "/echo" }],
              },
            ],
            volumes: [{ name, configMap: { name } }],
          },
        },
      },
    },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port: 8080 }] } },
    // To Keycloak's own port, which only the ingress controller may reach.
    { apiVersion: "v1", kind: "Service", metadata: { ...metadata, name: elsewhere }, spec: leadingTo(keycloakHost) },
    ingress(1, {}),
    ingress(3, {}, elsewhere),
    ingress(2, { "nginx.ingress.kubernetes.io/whitelist-source-range": `${allowed}/32` }),
  ];
  await platform.kubectl(["apply", "-f", "-"], { apiVersion: "v1", kind: "List", items });
  await platform.kubectl(["rollout", "status", `deployment/${name}`, "--namespace", echoNamespace, "--timeout=5m"]);
  // The controller learns of it a moment later.
  for (const number of [1, 2]) {
    await until(`https://${echoHost(hosts.services, number)}`, AbortSignal.timeout(60_000), async () => {
      return (await web.request(`https://${echoHost(hosts.services, number)}/`)).status === 200;
    });
  }

  function ingress(number: number, annotations: Readonly<Record<string, string>>, service = name): object {
    const host = echoHost(hosts.services, number);
    const backend = { service: { name: service, port: { number: 8080 } } };
    return {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { ...metadata, name: `${name}-${number}`, annotations },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: [host] }],
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    };
  }
}
