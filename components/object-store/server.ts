/** The servers of the object store: one alone, or several that spread every object over their volumes. */
import type * as k8s from "@pulumi/kubernetes";

import type { AccessModel } from "../access/access-model.ts";
import { addressesOf } from "../addresses.ts";
import type { PublicHostAccess, Realm } from "../contracts.ts";
import { caBundleKey, caBundleName } from "../kubernetes/ca-bundle.ts";
import { untilForgotten } from "../kubernetes/graceful-shutdown.ts";
import { hostAliases } from "../kubernetes/host-aliases.ts";
import { imageReference } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { untilRolledOut } from "../kubernetes/rollout.ts";
import { spread } from "../kubernetes/spread.ts";
import { type Hosts, namespaces } from "../names.ts";
import { secondsOf } from "../scalars.ts";
import { images } from "../versions.ts";
import { credentialKeys, credentialsSecret } from "./credentials.ts";
import type { MinioSettings } from "./settings.ts";

/** Name of the servers, of their Service and of their Ingress. */
export const serverName = "object-store";
/** Headless Service through which the servers find each other. */
export const peersName = "object-store-peers";
export const s3Port = 9000;
export const consolePort = 9001;

const dataFolder = "/data";
const certificatesFolder = "/tmp/certs";
const user = 1000;

/** What the servers are made from. */
export interface ServerInputs {
  readonly hosts: Hosts;
  readonly access: AccessModel;
  readonly realm: Pick<Realm, "issuerUrl">;
  readonly publicHosts: PublicHostAccess;
  readonly settings: MinioSettings;
  readonly imageMirror?: string | undefined;
  readonly protectData?: boolean | undefined;
}

/** Whether objects are spread over several servers. */
export function isDistributed(settings: Pick<MinioSettings, "replicas">): boolean {
  return settings.replicas > 1;
}

/** Arguments of each server. */
export function serverArguments(settings: Pick<MinioSettings, "replicas" | "console">): string[] {
  // The braces are read by the server, not by a shell. Short host names hold in any cluster domain.
  const last = settings.replicas - 1;
  const volumes = isDistributed(settings)
    ? `http://${serverName}-{0...${last}}.${peersName}.${namespaces.objectStore}.svc:${s3Port}${dataFolder}`
    : dataFolder;
  return [
    "server",
    volumes,
    `--address=:${s3Port}`,
    ...(settings.console ? [`--console-address=:${consolePort}`] : []),
    // The server makes this folder when it is missing, which it cannot do below the read-only root.
    `--certs-dir=${certificatesFolder}`,
  ];
}

/** Environment of each server, without the secret part. */
export function serverEnvironment(inputs: ServerInputs): Record<string, string> {
  const { hosts, access, settings, publicHosts } = inputs;
  const addresses = addressesOf(hosts, publicHosts.ingress.publicPort);
  return {
    HOME: "/tmp",
    MINIO_SERVER_URL: addresses.objectStore,
    MINIO_SITE_REGION: settings.region,
    MINIO_API_CORS_ALLOW_ORIGIN: addresses.portal,
    MINIO_BROWSER: settings.console ? "on" : "off",
    ...(settings.console ? { MINIO_BROWSER_REDIRECT_URL: addresses.objectStoreConsole } : {}),
    // Without a role the token itself names the policy ("claim mode").
    MINIO_IDENTITY_OPENID_CONFIG_URL: `${inputs.realm.issuerUrl}/.well-known/openid-configuration`,
    MINIO_IDENTITY_OPENID_CLIENT_ID: access.objectStore.audience,
    MINIO_IDENTITY_OPENID_CLAIM_NAME: access.objectStore.policyClaim,
    // Without it whoever asks for credentials chooses their life, up to a year.
    MINIO_STS_DURATION: `${secondsOf(settings.credentialsLifetime)}s`,
    // Looks for newer releases at its vendor's.
    MINIO_UPDATE: "off",
  };
}

/** Secret part of the environment: keys of the Secret by variable. */
export const secretEnvironment = {
  MINIO_ROOT_USER: credentialKeys.rootUser,
  MINIO_ROOT_PASSWORD: credentialKeys.rootPassword,
  // The login has no client secret, but servers before CVE-2026-33322 accept tokens signed with it: an empty one would
  // let anybody sign. https://github.com/pgsty/silo/blob/main/docs/security/advisories.md
  MINIO_IDENTITY_OPENID_CLIENT_SECRET: credentialKeys.tokenSecret,
};

/** The StatefulSet of the servers. */
export function serverStatefulSet(inputs: ServerInputs): k8s.apps.v1.StatefulSetArgs {
  const { settings } = inputs;
  return {
    metadata: {
      name: serverName,
      namespace: namespaces.objectStore,
      labels: labelsFor(serverName),
      annotations: untilRolledOut,
    },
    spec: {
      replicas: settings.replicas,
      serviceName: peersName,
      selector: { matchLabels: selectorFor(serverName) },
      // Servers start together: each waits for the others.
      podManagementPolicy: "Parallel",
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: inputs.protectData === true ? "Retain" : "Delete",
        whenScaled: "Retain",
      },
      template: {
        metadata: { labels: labelsFor(serverName) },
        spec: podSpec(inputs),
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "data", labels: labelsFor(serverName) },
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: settings.volume.size } },
            ...(settings.volume.storageClass === undefined ? {} : { storageClassName: settings.volume.storageClass }),
          },
        },
      ],
    },
  };
}

function podSpec(inputs: ServerInputs): k8s.types.input.core.v1.PodSpec {
  const { settings, publicHosts, hosts } = inputs;
  const trusted = publicHosts.caBundle !== undefined;
  return {
    serviceAccountName: serverName,
    automountServiceAccountToken: false,
    ...platformPod(user),
    hostAliases: hostAliases(publicHosts, hosts.identity, hosts.objectStore),
    ...(isDistributed(settings) ? spread(serverName) : { topologySpreadConstraints: [] }),
    containers: [
      {
        name: "server",
        image: settings.image ?? imageReference(images.minio, inputs.imageMirror),
        args: serverArguments(settings),
        env: [
          ...Object.entries(serverEnvironment(inputs)).map(([name, value]) => ({ name, value })),
          ...Object.entries(secretEnvironment).map(([name, key]) => ({
            name,
            valueFrom: { secretKeyRef: { name: credentialsSecret, key } },
          })),
        ],
        ports: [
          { name: "s3", containerPort: s3Port },
          ...(settings.console ? [{ name: "console", containerPort: consolePort }] : []),
        ],
        ...probes(settings),
        ...platformContainer(settings.resources),
        ...(isDistributed(settings) ? untilForgotten : {}),
        volumeMounts: [
          { name: "data", mountPath: dataFolder },
          { name: "tmp", mountPath: "/tmp" },
          ...(trusted ? [{ name: "ca", mountPath: `${certificatesFolder}/CAs`, readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      { name: "tmp", emptyDir: {} },
      ...(trusted
        ? [{ name: "ca", configMap: { name: caBundleName, items: [{ key: caBundleKey, path: caBundleKey }] } }]
        : []),
    ],
  };
}

function probes(settings: MinioSettings) {
  const probe = (path: string) => ({ httpGet: { path, port: "s3" }, timeoutSeconds: 5 });
  const live = probe("/minio/health/live");
  // `/minio/health/ready` answers 200 while the server still waits for the realm's keys and knows nobody; this one not.
  const serving = probe("/minio/health/cluster/read");
  return {
    startupProbe: { ...live, periodSeconds: 2, failureThreshold: 150 },
    // A server with another image or environment does not serve before others like it are there. If it were not ready
    // meanwhile, no update would ever go on to those others. The setup Job waits for logins to work.
    // https://github.com/minio/minio/blob/master/cmd/bootstrap-peer-server.go
    readinessProbe: { ...(isDistributed(settings) ? live : serving), periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...live, periodSeconds: 15, failureThreshold: 4 },
  };
}
