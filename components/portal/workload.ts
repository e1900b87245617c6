/** Objects that the web application and the API have alike. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { namespaces } from "../names.ts";
import { servicePort } from "./network.ts";

export function serviceAccount(name: string): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(name), automountServiceAccountToken: false };
}

export function service(name: string): k8s.core.v1.ServiceArgs {
  return {
    metadata: { ...metadata(name), annotations: withoutWait },
    spec: {
      type: "ClusterIP",
      selector: selectorFor(name),
      ports: [{ name: "http", port: servicePort, targetPort: "http" }],
    },
  };
}

export function deployment(
  name: string,
  replicas: number,
  spec: k8s.types.input.core.v1.PodSpec,
  annotations: Record<string, string> = {},
): k8s.apps.v1.DeploymentArgs {
  return {
    metadata: metadata(name),
    spec: {
      replicas,
      selector: { matchLabels: selectorFor(name) },
      template: { metadata: { labels: labelsFor(name), annotations }, spec },
    },
  };
}

export function configMap(name: string, data: Record<string, pulumi.Input<string>>): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(name), data };
}

function metadata(name: string) {
  return { name, namespace: namespaces.portal, labels: labelsFor(name) };
}
