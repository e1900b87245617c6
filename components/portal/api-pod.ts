import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { PublicHostAccess } from "../contracts.ts";
import { caBundleKey, caBundleName, trustedFolder } from "../kubernetes/ca-bundle.ts";
import { untilForgotten } from "../kubernetes/graceful-shutdown.ts";
import { hostAliases } from "../kubernetes/host-aliases.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { apiPath, schemaFolder } from "./environment.ts";
import { launcherMounts, launcherVolumes } from "./launcher.ts";
import { apiName } from "./permissions.ts";
import type { PortalSettings } from "./settings.ts";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;
type VolumeMount = k8s.types.input.core.v1.VolumeMount;

/** ConfigMap of the schema overrides that are known from the settings. */
export const schemasName = "onyxia-schemas";
/** ConfigMap of the override that carries the CA: apart, because the CA is not known in the first preview. */
export const certificatesSchemaName = "onyxia-schema-certificates";
/** Key of the override in its ConfigMap, and path below the schema folder. */
export const certificatesSchemaPath = "certificates.json";

export interface ApiPodArgs {
  readonly image: string;
  readonly resources: PortalSettings["api"]["resources"];
  readonly publicHosts: PublicHostAccess;
  /** Whether helm trusts the authorities of the public hosts for every catalogue. @default false */
  readonly helmTrusts?: boolean | undefined;
  /** Variables that make it ask by a proxy. @default none */
  readonly proxyVariables?: readonly { readonly name: string; readonly value: string }[] | undefined;
  /** Public hosts of the platform that the API calls. */
  readonly calledHosts: readonly string[];
  /** Paths of the schema overrides in {@link schemasName}. */
  readonly schemaPaths: readonly string[];
}

/** Key of a schema in its ConfigMap: a path is not allowed there. */
export function schemaKey(path: string): string {
  return path.replaceAll("/", ".");
}

/** Schemas by their path, as the ConfigMap holds them. */
export function schemaData(schemas: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(schemas).map(([path, json]) => [schemaKey(path), json]));
}

/** The API's pod. It runs with a read-only root: its image needs `/tmp` and `$HOME`, where helm keeps what it loads. */
export function apiPod(args: ApiPodArgs): PodSpec {
  const trust = args.publicHosts.caBundle !== undefined;
  const env = [
    ...(trust ? [{ name: "JAVA_TOOL_OPTIONS", value: `-Djavax.net.ssl.trustStore=${trustStore}` }] : []),
    ...(args.helmTrusts === true ? [trustedFolder(caFolder)] : []),
    ...(args.proxyVariables ?? []),
  ];
  return {
    serviceAccountName: apiName,
    automountServiceAccountToken: true,
    ...platformPod(user),
    hostAliases: hostAliases(args.publicHosts, ...args.calledHosts),
    ...(trust ? { initContainers: [trustStoreContainer(args.image)] } : {}),
    containers: [
      {
        name: "api",
        image: args.image,
        envFrom: [{ configMapRef: { name: apiName } }],
        ...(env.length === 0 ? {} : { env }),
        ports: [{ name: "http", containerPort: apiPort }],
        ...probes,
        ...platformContainer(args.resources),
        ...untilForgotten,
        volumeMounts: [
          { name: "tmp", mountPath: "/tmp" },
          // Read-only, the API would be ready and every launch would fail.
          { name: "home", mountPath: "/var/cache/onyxia" },
          ...launcherMounts,
          ...args.schemaPaths.map((path) => schemaMount("schemas", path)),
          ...(trust
            ? [schemaMount("certificates-schema", certificatesSchemaPath), caMount, { ...trustMount, readOnly: true }]
            : []),
        ],
      },
    ],
    volumes: [
      { name: "tmp", emptyDir: {} },
      { name: "home", emptyDir: {} },
      ...launcherVolumes(trust),
      { name: "schemas", configMap: { name: schemasName } },
      ...(trust
        ? [
            { name: "certificates-schema", configMap: { name: certificatesSchemaName } },
            { name: "ca", configMap: { name: caBundleName } },
            { name: "trust", emptyDir: {} },
          ]
        : []),
    ],
  };
}

/** Port of the container. */
export const apiPort = 8080;

/** @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/Dockerfile */
const user = 101;

const health = (path: string) => ({ httpGet: { path: `${apiPath}${path}`, port: "http" }, timeoutSeconds: 5 });

/**
 * Ready means that every catalogue has loaded. A catalogue that cannot be reached is no reason to start again, which
 * would only begin anew: so the other two probes ask the server itself.
 */
const probes: Pick<Container, "startupProbe" | "livenessProbe" | "readinessProbe"> = {
  startupProbe: { ...health("/actuator/health"), periodSeconds: 5, failureThreshold: 60 },
  livenessProbe: { ...health("/actuator/health"), periodSeconds: 10, failureThreshold: 6 },
  readinessProbe: { ...health("/public/healthcheck"), periodSeconds: 5, failureThreshold: 3 },
};

/**
 * By subPath, one mount for each file: the API walks the folder without following links, and a mounted folder of a
 * ConfigMap is made of links.
 */
function schemaMount(volume: string, path: string): VolumeMount {
  return { name: volume, mountPath: `${schemaFolder}/${path}`, subPath: schemaKey(path), readOnly: true };
}

/** Folder in which the API looks for a catalogue's `caFile`. */
const caFolder = "/usr/local/share/ca-certificates";
const caMount: VolumeMount = { name: "ca", mountPath: caFolder, readOnly: true };
const trustFolder = "/trust";
const trustMount: VolumeMount = { name: "trust", mountPath: trustFolder };
const trustStore = `${trustFolder}/cacerts`;

/**
 * The public CAs of the image's JRE and the platform's, in a writable place. The image's own start script writes into
 * the JRE, which a read-only root refuses. `changeit` is the password of every JRE's public trust store.
 */
function trustStoreContainer(image: pulumi.Input<string>): Container {
  const script = [
    "set -eu",
    `cp "$JAVA_HOME/lib/security/cacerts" ${trustStore}`,
    `chmod u+w ${trustStore}`,
    // keytool reads the first certificate of a file only.
    `awk '/BEGIN CERTIFICATE/ { n++ } n { print > ("${trustFolder}/" n ".crt") }' ${caFolder}/${caBundleKey}`,
    `for certificate in ${trustFolder}/*.crt; do`,
    `  keytool -importcert -noprompt -keystore ${trustStore} -storepass changeit -alias "$certificate" -file "$certificate"`,
    "done",
  ].join("\n");
  return {
    name: "trust-store",
    image,
    command: ["sh", "-c", script],
    ...platformContainer({ cpu: "100m", memory: "256Mi" }),
    volumeMounts: [caMount, trustMount],
  };
}
