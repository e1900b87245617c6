import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import { kcadmPod, sessionFolder } from "./kcadm-pod.ts";
import { reconcileWorkload, reservedNamesWorkload as workload } from "./names.ts";
import { reservedNamesScript } from "./reserved-names-script.ts";

export interface ReservedNamesSettings {
  readonly namespace: string;
  readonly realm: string;
  /** Registry prefix of a mirror. @default upstream's registry */
  readonly imageMirror?: string | undefined;
}

const scriptFile = "reserve-names.sh";
const scriptFolder = "/script";

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
            spec: kcadmPod({
              name: "reserve-names",
              namespace,
              realm,
              imageMirror,
              script: `${scriptFolder}/${scriptFile}`,
              folders: { SESSION_FOLDER: sessionFolder },
              cpu: "100m",
              mounts: [{ name: "script", mountPath: scriptFolder }],
              volumes: [{ name: "script", configMap: { name: workload } }],
            }),
          },
        },
      },
    },
  };
}
