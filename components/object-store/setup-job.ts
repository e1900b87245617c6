/** The Job that tells the servers which policy a login gets, and makes the buckets of the platform's own parts. */
import type * as k8s from "@pulumi/kubernetes";

import { imageReference } from "../kubernetes/image.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { onceJob } from "../kubernetes/once-job.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { namespaces } from "../names.ts";
import { images } from "../versions.ts";
import type { PolicyDocument } from "./bucket-policy.ts";
import { credentialKeys, credentialsSecret } from "./credentials.ts";
import { s3Port, serverName } from "./server.ts";
import { placesSecretName } from "./service-places.ts";
import type { MinioSettings } from "./settings.ts";

/** Name of the ConfigMap with the policy, of the Job's pods and of its ServiceAccount. */
export const setupName = "object-store-policy";

const policyFolder = "/policy";
const keysFolder = "/keys";

/** A policy under the name that tokens carry. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/**
 * Creates the policy, or brings it up to date. Needs nothing but `sh` and `mc`. Who may read the command line of a
 * process may not read its environment: the address with the password stays there.
 */
export const setupScript = `set -eu
export MC_HOST_store="http://$ROOT_USER:$ROOT_PASSWORD@$STORE"
mc ready store
mc admin policy create store "$POLICY_NAME" "$POLICY_FILE"
`;

/**
 * Makes the buckets of the platform's own parts, each with a policy and an account of its name, or brings them up to date.
 * The key comes by standard input, for the same reason.
 */
export const placesScript = `for place in $PLACES; do
  mc mb --ignore-existing "store/$place"
  mc version enable "store/$place"
  mc admin policy create store "$place" "$POLICIES/$place.json"
  { echo "$place"; cat "$KEYS/$place"; echo; } | mc admin user add store
  attached=$(mc admin policy attach store "$place" --user "$place" 2>&1) || case $attached in
    *"already in effect"*) ;;
    *) echo "$attached" >&2; exit 1 ;;
  esac
done
`;

/** The policies as files, and for people to read. */
export function policyConfigMap(policies: readonly NamedPolicy[]): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: { name: setupName, namespace: namespaces.objectStore, labels: labelsFor(setupName) },
    data: Object.fromEntries(
      policies.map((policy) => [fileOf(policy), `${JSON.stringify(policy.document, undefined, 2)}\n`]),
    ),
  };
}

/**
 * A changed policy, script or image makes another Job, and so does what makes a new, empty store.
 * @param places policies of buckets of the platform's own parts, under the buckets' names
 */
export function setupJob(
  policy: NamedPolicy,
  { replicas, volume }: Pick<MinioSettings, "replicas" | "volume">,
  imageMirror?: string,
  places: readonly NamedPolicy[] = [],
): k8s.batch.v1.JobArgs {
  const spec = podSpec(policy, places, imageMirror);
  const does = [policy, spec, replicas, volume, ...places];
  return onceJob({ name: setupName, namespace: namespaces.objectStore, does, backoffLimit: 6, podSpec: spec });
}

function podSpec(
  policy: NamedPolicy,
  places: readonly NamedPolicy[],
  imageMirror: string | undefined,
): k8s.types.input.core.v1.PodSpec {
  const hasPlaces = places.length > 0;
  return {
    serviceAccountName: setupName,
    automountServiceAccountToken: false,
    restartPolicy: "OnFailure",
    ...platformPod(1000),
    containers: [
      {
        name: "setup",
        image: imageReference(images.minioClient, imageMirror),
        command: ["/bin/sh", "-c", hasPlaces ? `${setupScript}${placesScript}` : setupScript],
        env: [
          { name: "HOME", value: "/tmp" },
          { name: "MC_CONFIG_DIR", value: "/tmp/mc" },
          { name: "STORE", value: `${serverName}:${s3Port}` },
          { name: "POLICY_NAME", value: policy.name },
          { name: "POLICY_FILE", value: `${policyFolder}/${fileOf(policy)}` },
          ...(hasPlaces
            ? [
                { name: "PLACES", value: places.map(({ name }) => name).join(" ") },
                { name: "POLICIES", value: policyFolder },
                { name: "KEYS", value: keysFolder },
              ]
            : []),
          secretVariable("ROOT_USER", credentialKeys.rootUser),
          secretVariable("ROOT_PASSWORD", credentialKeys.rootPassword),
        ],
        ...platformContainer({ cpu: "50m", memory: "128Mi" }),
        volumeMounts: [
          { name: "policy", mountPath: policyFolder, readOnly: true },
          ...(hasPlaces ? [{ name: "keys", mountPath: keysFolder, readOnly: true }] : []),
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "policy", configMap: { name: setupName } },
      ...(hasPlaces ? [{ name: "keys", secret: { secretName: placesSecretName } }] : []),
      { name: "tmp", emptyDir: {} },
    ],
  };
}

function secretVariable(name: string, key: string) {
  return { name, valueFrom: { secretKeyRef: { name: credentialsSecret, key } } };
}

function fileOf(policy: NamedPolicy): string {
  return `${policy.name}.json`;
}
