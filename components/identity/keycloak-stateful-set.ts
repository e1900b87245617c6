import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Database } from "../contracts.ts";
import { caBundleConfigMap, caBundleKey, caBundleName } from "../kubernetes/ca-bundle.ts";
import { configHash } from "../kubernetes/config-hash.ts";
import { untilForgotten } from "../kubernetes/graceful-shutdown.ts";
import { imageReference } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { platformContainer, platformPod, type Resources } from "../kubernetes/pod-hygiene.ts";
import { type Proxy, proxyVariables } from "../kubernetes/proxy.ts";
import { untilRolledOut } from "../kubernetes/rollout.ts";
import { spread } from "../kubernetes/spread.ts";
import { images } from "../versions.ts";
import { keycloakHome, podEnvironment, type ServerOptions } from "./keycloak-environment.ts";
import { httpPort, keycloakWorkload as workload, managementPort } from "./names.ts";

export interface KeycloakServerSettings extends ServerOptions {
  readonly namespace: string;
  readonly database: Database;
  readonly resources: Resources;
  /** Authorities that it trusts beside the public ones, in the ConfigMap of their name. */
  readonly authorities?: string | undefined;
  /** What it trusts where it calls the directory, in the ConfigMap of its name. */
  readonly directoryTrust?: pulumi.Output<string> | undefined;
  /** Proxy that it calls others by. */
  readonly proxy?: Proxy | undefined;
  readonly imageMirror?: string | undefined;
}

/** User of the image. @see https://github.com/keycloak/keycloak/blob/main/quarkus/container/Dockerfile */
export const keycloakUser = 1000;

/** ConfigMap with the realm for the first boot. */
export const importConfigMap = "keycloak-realm-import";

/** Between the pods: messages, and the check that the other one still lives. */
export const clusterPorts = [7800, 57800] as const;

/** What lies there is trusted beside the authorities of the JRE. @see https://www.keycloak.org/server/keycloak-truststore */
const trustFolder = "/trust";

/** ConfigMap with what the directory's clients must trust. */
const directoryTrustName = "directory-ca";
const directoryTrustFolder = "/trust-directory";

export function directoryConfigMap(namespace: string, caBundle: pulumi.Input<string>): k8s.core.v1.ConfigMapArgs {
  const metadata = { name: directoryTrustName, namespace, labels: labelsFor(directoryTrustName) };
  return { ...caBundleConfigMap(namespace, caBundle), metadata };
}

const programFolder = `${keycloakHome}/lib/quarkus`;

/** Keycloak's pods. They hold no data; a StatefulSet starts and replaces them one by one. */
export function keycloakStatefulSet(settings: KeycloakServerSettings): k8s.apps.v1.StatefulSetArgs {
  const image = imageReference(images.keycloak, settings.imageMirror);
  return {
    metadata: {
      name: workload,
      namespace: settings.namespace,
      labels: labelsFor(workload),
      annotations: untilRolledOut,
    },
    spec: {
      serviceName: workload,
      replicas: settings.replicas,
      selector: { matchLabels: selectorFor(workload) },
      template: {
        metadata: {
          labels: labelsFor(workload),
          ...annotations(settings),
        },
        spec: {
          serviceAccountName: workload,
          automountServiceAccountToken: false,
          ...platformPod(keycloakUser),
          terminationGracePeriodSeconds: 60,
          ...spread(workload),
          initContainers: [copyOfTheProgram(image)],
          containers: [server(image, settings)],
          volumes: [
            { name: "program", emptyDir: {} },
            { name: "data", emptyDir: {} },
            { name: "tmp", emptyDir: {} },
            { name: "import", configMap: { name: importConfigMap } },
            ...(settings.authorities === undefined ? [] : [{ name: "ca", configMap: { name: caBundleName } }]),
            ...(settings.directoryTrust === undefined
              ? []
              : [{ name: "directory-ca", configMap: { name: directoryTrustName } }]),
          ],
        },
      },
    },
  };
}

/**
 * The image is built for no database in particular: at each start Keycloak rewrites a part of itself for PostgreSQL.
 * It gets a writable copy of that part, so that the rest can stay read-only.
 */
function copyOfTheProgram(image: string) {
  return {
    name: "copy-program",
    image,
    command: ["cp", "-r", `${programFolder}/.`, "/program"],
    ...platformContainer({ cpu: "10m", memory: "64Mi" }),
    volumeMounts: [{ name: "program", mountPath: "/program" }],
  };
}

function server(image: string, settings: KeycloakServerSettings) {
  return {
    name: "keycloak",
    image,
    args: ["start", "--import-realm"],
    env: [
      ...podEnvironment(settings, settings.database),
      ...proxyVariables(settings.proxy),
      ...(trusted(settings).length === 0 ? [] : [{ name: "KC_TRUSTSTORE_PATHS", value: trusted(settings).join(",") }]),
    ],
    ports: [
      { name: "http", containerPort: httpPort },
      { name: "management", containerPort: managementPort },
    ],
    ...platformContainer(settings.resources),
    ...(settings.replicas > 1 ? untilForgotten : {}),
    ...probes(),
    volumeMounts: [
      { name: "program", mountPath: programFolder },
      { name: "data", mountPath: `${keycloakHome}/data` },
      // Read when the realm does not exist yet; later changes come through the reconcile Job, without a restart.
      { name: "import", mountPath: `${keycloakHome}/data/import`, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
      ...(settings.authorities === undefined ? [] : [{ name: "ca", mountPath: trustFolder, readOnly: true }]),
      ...(settings.directoryTrust === undefined
        ? []
        : [{ name: "directory-ca", mountPath: directoryTrustFolder, readOnly: true }]),
    ],
  };
}

/** Files with whom it trusts, beside the authorities of the JRE. */
function trusted({ authorities, directoryTrust }: KeycloakServerSettings): string[] {
  return [
    ...(authorities === undefined ? [] : [`${trustFolder}/${caBundleKey}`]),
    ...(directoryTrust === undefined ? [] : [`${directoryTrustFolder}/${caBundleKey}`]),
  ];
}

/** They are read at the start. */
function annotations({ authorities, directoryTrust }: KeycloakServerSettings) {
  if (directoryTrust === undefined) {
    return authorities === undefined ? {} : { annotations: configHash({ authorities }) };
  }
  return { annotations: directoryTrust.apply((directory) => configHash({ authorities, directory })) };
}

function probes() {
  const get = (path: string) => ({ httpGet: { path, port: "management" }, timeoutSeconds: 5 });
  return {
    // The first start rewrites the program, makes the tables and imports the realm: minutes on a small node.
    startupProbe: { ...get("/health/started"), periodSeconds: 5, failureThreshold: 120 },
    readinessProbe: { ...get("/health/ready"), periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...get("/health/live"), periodSeconds: 10, failureThreshold: 6 },
  };
}
