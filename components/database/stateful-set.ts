import type * as k8s from "@pulumi/kubernetes";

import { imageReference } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { platformContainer, platformPod, type Resources } from "../kubernetes/pod-hygiene.ts";
import { untilRolledOut } from "../kubernetes/rollout.ts";
import { images } from "../versions.ts";

export interface ServerSettings {
  /** Namespace, which exists already: its resource belongs into `dependsOn`. */
  readonly namespace: string;
  /** Name of the pods, the Service and the Secret with the password. */
  readonly workload: string;
  /** Name of the database and of its owner, fixed for its life: the server reads it when its volume is still empty. */
  readonly database: string;
  readonly resources: Resources;
  readonly storage: { readonly size: string; readonly storageClass?: string | undefined };
  /** Registry prefix of a mirror. @default upstream's registry */
  readonly imageMirror?: string | undefined;
  /** Refuses to delete or replace the data, and keeps the volume when its owner goes. */
  readonly protectData: boolean;
}

export const port = 5432;

/** User `postgres` of the image. @see https://github.com/docker-library/postgres/blob/master/18/trixie/Dockerfile */
const user = 999;

/**
 * Since version 18 the image keeps its data one level deeper. A volume mounted where 17 had it would stay empty, and
 * the data would go with the pod.
 * @see https://github.com/docker-library/postgres/pull/1259
 */
const volumePath = "/var/lib/postgresql";
const dataPath = `${volumePath}/18/docker`;

/** One PostgreSQL server on one volume. */
export function statefulSet(
  settings: ServerSettings,
  passwordSecret: { readonly name: string; readonly key: string },
): k8s.apps.v1.StatefulSetArgs {
  const { namespace, workload } = settings;
  const retention = settings.protectData ? "Retain" : "Delete";
  return {
    metadata: { name: workload, namespace, labels: labelsFor(workload), annotations: untilRolledOut },
    spec: {
      serviceName: workload,
      replicas: 1,
      selector: { matchLabels: selectorFor(workload) },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: retention, whenScaled: "Retain" },
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: settings.storage.size } },
            ...(settings.storage.storageClass === undefined ? {} : { storageClassName: settings.storage.storageClass }),
          },
        },
      ],
      template: {
        metadata: { labels: labelsFor(workload) },
        spec: {
          serviceAccountName: workload,
          automountServiceAccountToken: false,
          ...platformPod(user),
          // Time to write a checkpoint; killed earlier, it would replay its log at the next start.
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: "postgres",
              image: imageReference(images.postgres, settings.imageMirror),
              env: [
                { name: "POSTGRES_DB", value: settings.database },
                { name: "POSTGRES_USER", value: settings.database },
                { name: "POSTGRES_PASSWORD", valueFrom: { secretKeyRef: passwordSecret } },
                { name: "PGDATA", value: dataPath },
              ],
              ports: [{ name: "postgres", containerPort: port }],
              ...platformContainer(settings.resources),
              ...probes(settings.database),
              volumeMounts: [
                { name: "data", mountPath: volumePath },
                { name: "run", mountPath: "/var/run/postgresql" },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "run", emptyDir: {} },
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
    },
  };
}

function probes(database: string) {
  // Over TCP: while the image still sets the database up, a temporary server answers on the socket alone.
  const probe = {
    exec: {
      command: ["pg_isready", "--host=127.0.0.1", `--port=${port}`, `--username=${database}`, `--dbname=${database}`],
    },
    timeoutSeconds: 5,
  };
  return {
    startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 150 },
    readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 6 },
  };
}
