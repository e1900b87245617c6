/** Objects of the ingress controller, as plain arguments. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { ApiServerAddresses } from "../contracts.ts";
import { configHash } from "../kubernetes/config-hash.ts";
import { staysFor } from "../kubernetes/graceful-shutdown.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { allow, toApiServer, toDns } from "../kubernetes/network-policy.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { spread } from "../kubernetes/spread.ts";
import { type Hosts, namespaces, wildcardSecrets } from "../names.ts";
import { hostPorts } from "./host-ports.ts";
import type { TraefikSettings } from "./settings.ts";
import {
  className,
  controllerClass,
  controllerName,
  endingSeconds,
  farewellSeconds,
  ports,
  publishedAddress,
  traefikArguments,
} from "./traefik-arguments.ts";
import { type Visitors, visitorsArguments, visitorsConfiguration, visitorsMount, visitorsVolume } from "./visitors.ts";

const namespace = namespaces.ingress;
const metadata = { name: controllerName, namespace, labels: labelsFor(controllerName) };
// The image's own user.
const user = 65532;

/** Class of every Ingress that names none: users' charts may leave it out. */
export function ingressClass(): k8s.networking.v1.IngressClassArgs {
  return {
    metadata: {
      name: className,
      labels: labelsFor(controllerName),
      annotations: { "ingressclass.kubernetes.io/is-default-class": "true" },
    },
    spec: { controller: controllerClass },
  };
}

/**
 * What the controller reads. Secrets of all namespaces are among it: any Ingress may name one for its certificate.
 * @see https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress-nginx/
 */
export function clusterRole(): k8s.rbac.v1.ClusterRoleArgs {
  const read = ["list", "watch"];
  return {
    metadata: { name: clusterRoleName, labels: labelsFor(controllerName) },
    rules: [
      { apiGroups: [""], resources: ["services", "secrets", "configmaps"], verbs: read },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
      { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: read },
      { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
    ],
  };
}

export const clusterRoleName = "datalab-ingress";

export function clusterRoleBinding(): k8s.rbac.v1.ClusterRoleBindingArgs {
  return {
    metadata: { name: clusterRoleName, labels: labelsFor(controllerName) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterRoleName },
    subjects: [{ kind: "ServiceAccount", name: controllerName, namespace }],
  };
}

export function serviceAccount(): k8s.core.v1.ServiceAccountArgs {
  return { metadata, automountServiceAccountToken: false };
}

export function deployment(
  settings: TraefikSettings,
  image: string,
  statusAddress?: pulumi.Output<string>,
  visitors?: Visitors,
): k8s.apps.v1.DeploymentArgs {
  const hosted = hostPorts(settings);
  const probe = { httpGet: { path: "/ping", port: "health" }, periodSeconds: 10, timeoutSeconds: 2 };
  return {
    metadata,
    spec: {
      replicas: settings.replicas,
      selector: { matchLabels: selectorFor(controllerName) },
      ...hosted.rollout,
      template: {
        metadata: {
          labels: labelsFor(controllerName),
          ...(visitors === undefined ? {} : { annotations: configHash(visitorsConfiguration(visitors)) }),
        },
        spec: {
          serviceAccountName: controllerName,
          automountServiceAccountToken: true,
          terminationGracePeriodSeconds: endingSeconds,
          ...platformPod(user),
          ...spread(controllerName),
          containers: [
            {
              name: controllerName,
              image,
              args: [
                ...traefikArguments(settings),
                ...(visitors === undefined ? [] : visitorsArguments),
                publishedAddress(statusAddress),
              ],
              ports: Object.entries(ports).map(([name, containerPort]) => ({
                name,
                containerPort,
                ...hosted.port(name),
              })),
              // It answers before it has read the Ingresses, and would have nothing but 404 for visitors.
              startupProbe: { ...probe, initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 60 },
              readinessProbe: { ...probe, failureThreshold: 1 },
              livenessProbe: { ...probe, failureThreshold: 3 },
              ...platformContainer(settings.resources),
              ...staysFor(farewellSeconds),
              volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...(visitors === undefined ? [] : [visitorsMount])],
            },
          ],
          volumes: [{ name: "tmp", emptyDir: {} }, ...(visitors === undefined ? [] : [visitorsVolume])],
        },
      },
    },
  };
}

/** From everywhere, and to every pod: which one, the users' Ingresses say. */
export function networkPolicy(apiServer: ApiServerAddresses): k8s.networking.v1.NetworkPolicyArgs {
  const outside = { ports: [ports.http, ports.https].map((port) => ({ port, protocol: "TCP" })) };
  return allow(namespace, controllerName, {
    from: [outside],
    to: [toDns, toApiServer(apiServer), { to: [{ namespaceSelector: {} }] }],
  });
}

/**
 * Names the two wildcard certificates, so that the controller knows them. Every Ingress without a Secret of its own is then
 * served the one that fits its host. The controller's provider has no setting for a default certificate.
 */
export function anchorIngress(hosts: Hosts, secrets = wildcardSecrets): k8s.networking.v1.IngressArgs {
  const platform = `*.${hosts.domain}`;
  const services = `*.${hosts.services}`;
  return {
    metadata: {
      name: "wildcard-certificates",
      namespace,
      labels: labelsFor("wildcard-certificates"),
      // It has no backend and never gets an address on some clusters.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      ingressClassName: className,
      tls: [
        { hosts: [platform], secretName: secrets.platform },
        { hosts: [services], secretName: secrets.services },
      ],
      rules: [{ host: platform }, { host: services }],
    },
  };
}
