/** Whether the index and its files are what they were when they came: asked every night, told by the Job's end. */
import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import { allow, toDns } from "../kubernetes/network-policy.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { proxyVariables, toProxy } from "../kubernetes/proxy.ts";
import { namespaces } from "../names.ts";
import { packagesName, verificationName } from "./names.ts";
import { toStore } from "./network.ts";
import { bucketEnvironment, imageOf, type ServerInputs, user } from "./server.ts";

const metadata = { name: verificationName, namespace: namespaces.packages, labels: labelsFor(verificationName) };

/** Compares every file with the index and with the digest that it came with. */
export function verificationCronJob(inputs: ServerInputs): k8s.batch.v1.CronJobArgs {
  return {
    metadata,
    spec: {
      schedule: inputs.settings.verification,
      concurrencyPolicy: "Forbid",
      // A night that the cluster slept through is made up for.
      startingDeadlineSeconds: 12 * 3600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          // Files on their way into the index at this moment count as a difference; a minute later they do not.
          backoffLimit: 3,
          activeDeadlineSeconds: 6 * 3600,
          template: {
            metadata: { labels: labelsFor(verificationName) },
            spec: {
              serviceAccountName: packagesName,
              automountServiceAccountToken: false,
              ...platformPod(user),
              restartPolicy: "Never",
              containers: [
                {
                  name: "verify-index",
                  image: imageOf(inputs),
                  args: ["verify-index", "--deep"],
                  env: [
                    ...bucketEnvironment(inputs),
                    ...(inputs.place.access.kind === "podIdentity" ? proxyVariables(inputs.proxy) : []),
                  ],
                  ...platformContainer(inputs.settings.resources),
                  volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                },
              ],
              volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }],
            },
          },
        },
      },
    },
  };
}

/** It reads the bucket, and nobody calls it. */
export function verificationPolicy({ place, proxy }: ServerInputs): k8s.networking.v1.NetworkPolicyArgs {
  const outside = place.access.kind === "podIdentity" ? toProxy(proxy) : [];
  return allow(namespaces.packages, verificationName, { to: [toDns, ...toStore(place.access), ...outside] });
}
