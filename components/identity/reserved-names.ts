import type * as k8s from "@pulumi/kubernetes";

import { imageReference } from "../kubernetes/image.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { containerResources, containerSecurityContext, lastWords, platformPod } from "../kubernetes/pod-hygiene.ts";
import { images } from "../versions.ts";
import { keycloakHome } from "./keycloak-environment.ts";
import { keycloakUser } from "./keycloak-stateful-set.ts";
import { internalUrl, reconcileSecret, reconcileWorkload, reservedNamesWorkload as workload } from "./names.ts";
import { reconcileEnvironment } from "./reconcile-job.ts";
import { reservedNamesScript } from "./reserved-names-script.ts";

export interface ReservedNamesSettings {
  readonly namespace: string;
  readonly realm: string;
  /** Registry prefix of a mirror. @default upstream's registry */
  readonly imageMirror?: string | undefined;
}

const scriptFile = "reserve-names.sh";
const folders = { script: "/script", session: "/tmp" } as const;

export const reservedNamesData: Readonly<Record<string, string>> = { [scriptFile]: reservedNamesScript };

/**
 * Looks every ten minutes which accounts are gone. Its pods are let through to Keycloak as the reconcile Job's are: they
 * carry the same label.
 */
export function reservedNamesCronJob({
  namespace,
  realm,
  imageMirror,
}: ReservedNamesSettings): k8s.batch.v1.CronJobArgs {
  const environment = reconcileEnvironment({ url: internalUrl(namespace), home: keycloakHome, realm });
  return {
    metadata: { name: workload, namespace, labels: labelsFor(workload) },
    spec: {
      schedule: "*/10 * * * *",
      concurrencyPolicy: "Forbid",
      // One that is missed is made up for by the next.
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: 540,
          template: {
            metadata: { labels: labelsFor(reconcileWorkload) },
            spec: {
              serviceAccountName: reconcileWorkload,
              automountServiceAccountToken: false,
              restartPolicy: "Never",
              ...platformPod(keycloakUser),
              containers: [
                {
                  name: "reserve-names",
                  image: imageReference(images.keycloak, imageMirror),
                  command: ["bash", `${folders.script}/${scriptFile}`],
                  env: [
                    ...Object.entries({ ...environment, SESSION_FOLDER: folders.session }).map(([name, value]) => ({
                      name,
                      value,
                    })),
                    { name: "KC_CLI_CLIENT_SECRET", valueFrom: { secretKeyRef: reconcileSecret } },
                  ],
                  resources: containerResources({ cpu: "100m", memory: "384Mi" }),
                  securityContext: containerSecurityContext(),
                  ...lastWords,
                  volumeMounts: [
                    { name: "script", mountPath: folders.script, readOnly: true },
                    { name: "session", mountPath: folders.session },
                  ],
                },
              ],
              volumes: [
                { name: "script", configMap: { name: workload } },
                // The session holds a token: in memory, and gone with the pod.
                { name: "session", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
              ],
            },
          },
        },
      },
    },
  };
}
