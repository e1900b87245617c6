import type * as k8s from "@pulumi/kubernetes";

import { untilForgotten } from "../kubernetes/graceful-shutdown.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import type { PortalSettings } from "./settings.ts";

type PodSpec = k8s.types.input.core.v1.PodSpec;

/** Name of the web application's workload and ServiceAccount. */
export const webName = "onyxia-web";
/** Port of the container. */
export const webPort = 8080;

/**
 * The web application's pod. At start its image copies the pages to the folder that nginx serves and writes the
 * environment into them: so that folder is writable, and nothing else but `/tmp`.
 * @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/Dockerfile
 */
export function webPod(args: {
  readonly image: string;
  readonly resources: PortalSettings["web"]["resources"];
  readonly environment: Record<string, string>;
}): PodSpec {
  const probe = { httpGet: { path: "/", port: "http" }, timeoutSeconds: 5 };
  // npx, which the start script calls, writes into its home.
  const environment = { ...args.environment, HOME: "/tmp" };
  return {
    serviceAccountName: webName,
    automountServiceAccountToken: false,
    ...platformPod(user),
    containers: [
      {
        name: "web",
        image: args.image,
        env: Object.entries(environment).map(([name, value]) => ({ name, value })),
        ports: [{ name: "http", containerPort: webPort }],
        startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 60 },
        livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 3 },
        readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 3 },
        ...platformContainer(args.resources),
        ...untilForgotten,
        volumeMounts: [
          { name: "pages", mountPath: "/usr/share/nginx/html" },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "pages", emptyDir: {} },
      { name: "tmp", emptyDir: {} },
    ],
  };
}

/** User of the image. */
const user = 101;
