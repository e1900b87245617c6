/** The servers of the package index: all that they keep is in the bucket. */
import type * as k8s from "@pulumi/kubernetes";

import type { ServicePlace } from "../contracts.ts";
import { caBundleKey, caBundleName } from "../kubernetes/ca-bundle.ts";
import { configHash } from "../kubernetes/config-hash.ts";
import { untilForgotten } from "../kubernetes/graceful-shutdown.ts";
import { imageReference, withDigest } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { type Proxy, proxyVariables } from "../kubernetes/proxy.ts";
import { spread } from "../kubernetes/spread.ts";
import { namespaces } from "../names.ts";
import { bytesOf, secondsOf } from "../scalars.ts";
import { images } from "../versions.ts";
import {
  type Account,
  accountKeys,
  accountsOf,
  accountSecretName,
  bucketKeys,
  bucketSecretName,
  packagesName,
} from "./names.ts";
import type { PypironSettings } from "./settings.ts";

export const serverPort = 8080;

/** User and group of the image. @see https://github.com/blackthorn-interstellar/pypiron/blob/main/Dockerfile */
export const user = 65_532;

const trustFolder = "/trust";

/** What the servers are made from. */
export interface ServerInputs {
  readonly settings: PypironSettings;
  readonly place: ServicePlace;
  /** Authorities of a company, which the mirrored index may have its certificate from. @default none */
  readonly authorities?: string | undefined;
  /** Proxy on the way to the mirrored index and to AWS. @default none */
  readonly proxy?: Proxy | undefined;
  readonly imageMirror?: string | undefined;
}

/**
 * Environment of each server, without the secret part.
 * @see https://github.com/blackthorn-interstellar/pypiron/blob/main/docs/reference/configuration.md
 */
export function serverEnvironment({ settings, place, authorities }: ServerInputs): Record<string, string> {
  const { mirror, privatePrefix } = settings;
  return {
    PYPIRON_BUCKETS: `s3://${place.bucket}@${place.region}`,
    ...(place.access.kind === "keys"
      ? { PYPIRON_S3_ENDPOINT_URL: place.access.endpoint, PYPIRON_S3_FORCE_PATH_STYLE: "true" }
      : {}),
    AWS_REGION: place.region,
    PYPIRON_BIND_ADDR: `0.0.0.0:${serverPort}`,
    // Otherwise it sends some clients to the store, at an address that only pods know.
    PYPIRON_ARTIFACT_DELIVERY: "stream",
    // Five wrong passwords of one person would lock everybody out: all come from the ingress controller.
    PYPIRON_TRUSTED_PROXY: "true",
    // What has been uploaded can be installed.
    PYPIRON_WAIT_ON_UPLOAD: "true",
    PYPIRON_MAX_CONCURRENT_ARTIFACT_WRITES: String(uploadUnits(settings.resources.memory)),
    PYPIRON_LOG_FORMAT: "json",
    PYPIRON_DOWNLOAD_STATS: "false",
    ...(privatePrefix === undefined ? {} : { PYPIRON_PRIVATE_PREFIX: privatePrefix }),
    ...(mirror === undefined
      ? // It would ask the internet for it.
        { PYPIRON_ADVISORY_FEED: "" }
      : {
          PYPIRON_PROXY_UPSTREAM: mirror.upstream,
          PYPIRON_EXCLUDE_NEWER: `PT${secondsOf(mirror.cooldown)}S`,
          ...(authorities === undefined ? {} : { PYPIRON_UPSTREAM_CA_CERT: `${trustFolder}/${caBundleKey}` }),
        }),
  };
}

/** Uploads are read into memory up to this much at once. */
const uploadUnit = 64 * 1024 ** 2;

/** How many units of it the memory has room for, beside what the server is made of. */
function uploadUnits(memory: string): number {
  return Math.max(1, Math.floor(bytesOf(memory) / uploadUnit) - 2);
}

/** Secret part of the environment: entries of Secrets by variable. */
export function secretEnvironment({
  settings,
  place,
}: Pick<ServerInputs, "settings" | "place">): Record<string, { name: string; key: string }> {
  const names: Readonly<Record<Account, string>> = { admin: "ADMIN", publisher: "UPLOADER", reader: "READ" };
  const entries = accountsOf(settings).flatMap((account): [string, { name: string; key: string }][] => {
    const name = accountSecretName(account);
    return [
      [`PYPIRON_${names[account]}_USER`, { name, key: accountKeys.username }],
      [`PYPIRON_${names[account]}_PASS`, { name, key: accountKeys.password }],
    ];
  });
  return { ...bucketSecrets(place), ...Object.fromEntries(entries) };
}

/** What opens the bucket; nothing where the agent of the node gives it. */
function bucketSecrets({ access }: ServicePlace): Record<string, { name: string; key: string }> {
  if (access.kind === "podIdentity") return {};
  return {
    AWS_ACCESS_KEY_ID: { name: bucketSecretName, key: bucketKeys.account },
    AWS_SECRET_ACCESS_KEY: { name: bucketSecretName, key: bucketKeys.secretKey },
  };
}

/** What reads the bucket has these, as a container has them. */
export function bucketEnvironment(inputs: ServerInputs): k8s.types.input.core.v1.EnvVar[] {
  return [...plainEnvironment(inputs), ...fromSecrets(bucketSecrets(inputs.place))];
}

function plainEnvironment(inputs: ServerInputs): k8s.types.input.core.v1.EnvVar[] {
  return Object.entries(serverEnvironment(inputs)).map(([name, value]) => ({ name, value }));
}

function fromSecrets(entries: Readonly<Record<string, { name: string; key: string }>>) {
  return Object.entries(entries).map(([name, secretKeyRef]) => ({ name, valueFrom: { secretKeyRef } }));
}

export function imageOf({ settings, imageMirror }: Pick<ServerInputs, "settings" | "imageMirror">): string {
  return imageReference(withDigest(images.pypiron, settings.imageDigest), imageMirror);
}

/** The Deployment of the servers. They need no leader: whoever has the lease in the bucket is one. */
export function serverDeployment(inputs: ServerInputs): k8s.apps.v1.DeploymentArgs {
  const { authorities, settings } = inputs;
  return {
    metadata: { name: packagesName, namespace: namespaces.packages, labels: labelsFor(packagesName) },
    spec: {
      replicas: settings.replicas,
      selector: { matchLabels: selectorFor(packagesName) },
      template: {
        // Passwords and authorities are read at the start.
        metadata: {
          labels: labelsFor(packagesName),
          annotations: configHash({ rotation: settings.rotation, authorities }),
        },
        spec: podSpec(inputs),
      },
    },
  };
}

function podSpec(inputs: ServerInputs): k8s.types.input.core.v1.PodSpec {
  const { settings } = inputs;
  const environment = plainEnvironment(inputs);
  const secrets = fromSecrets(secretEnvironment(inputs));
  const trusts = trustsMore(inputs);
  return {
    serviceAccountName: packagesName,
    automountServiceAccountToken: false,
    ...platformPod(user),
    ...(settings.replicas > 1 ? spread(packagesName) : {}),
    containers: [
      {
        name: "pypiron",
        image: imageOf(inputs),
        args: ["serve"],
        env: [...environment, ...secrets, ...(callsOutside(inputs) ? proxyVariables(inputs.proxy) : [])],
        ports: [{ name: "http", containerPort: serverPort }],
        ...platformContainer(settings.resources),
        ...probes(),
        ...(settings.replicas > 1 ? untilForgotten : {}),
        volumeMounts: [
          { name: "tmp", mountPath: "/tmp" },
          ...(trusts ? [{ name: "ca", mountPath: trustFolder, readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: settings.uploadSpace } },
      ...(trusts ? [{ name: "ca", configMap: { name: caBundleName } }] : []),
    ],
  };
}

/** Whether the servers call anybody outside of the cluster. */
function callsOutside({ settings, place }: ServerInputs): boolean {
  return settings.mirror !== undefined || place.access.kind === "podIdentity";
}

/** Whether the servers call one whose certificate may come from a company's authority. */
export function trustsMore({ settings, authorities }: Pick<ServerInputs, "settings" | "authorities">): boolean {
  return settings.mirror !== undefined && authorities !== undefined;
}

function probes() {
  const probe = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 5 });
  return {
    startupProbe: { ...probe("/health"), periodSeconds: 2, failureThreshold: 60 },
    // Asks the store, and says 503 without it; the server itself comes back with it.
    readinessProbe: { ...probe("/ready"), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...probe("/health"), periodSeconds: 15, failureThreshold: 4 },
  };
}
