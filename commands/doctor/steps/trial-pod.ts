/** A pod that lives for a moment in a user's namespace, and tells what services there reach. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { containerSecurityContext, podSecurityContext } from "../../../components/kubernetes/pod-hygiene.ts";
import { trustName } from "../../../components/workspaces/names.ts";
import type { Context, Finding } from "../step.ts";
import { type Pod, podTrouble } from "../../../checks/kubectl/pods.ts";

/** Folder of the authorities that services trust. */
export const trustFolder = "/trust";

const container = "doctor";
/** Longest life in seconds, also if nobody is left to delete it; an image may have to be pulled before. */
const longestLife = 300;

/** Whatever the image's own user is: nobody's. */
const user = 65_534;

/** @param namespace That of a user. */
export function trialPod(namespace: string, image: string, script: string) {
  const name = `datalab-doctor-${randomBytes(4).toString("hex")}`;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { "app.kubernetes.io/name": "datalab-doctor" } },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: longestLife,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(user),
      containers: [
        {
          name: container,
          image,
          command: ["sh", "-c", script],
          env: [{ name: "NODE", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
          resources: {
            requests: { cpu: "10m", memory: "32Mi", "ephemeral-storage": "16Mi" },
            limits: { cpu: "200m", memory: "128Mi", "ephemeral-storage": "64Mi" },
          },
          securityContext: containerSecurityContext(),
          volumeMounts: [{ name: "trust", mountPath: trustFolder, readOnly: true }],
        },
      ],
      volumes: [{ name: "trust", configMap: { name: trustName, optional: true } }],
    },
  };
}

/** Runs the pod to its end and deletes it. @returns what it printed, or why it did not come to that */
export async function outputOf(
  { kubectl, now, options }: Context,
  pod: ReturnType<typeof trialPod>,
): Promise<string | Finding> {
  const { name, namespace } = pod.metadata;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  await kubectl.create(pods, pod);
  try {
    const deadline = now().getTime() + (60 + options.timeout) * 1000;
    for (;;) {
      const seen = await kubectl.get<Pod>(`${pods}/${name}`);
      const { phase } = seen.status;
      if (phase === "Succeeded" || phase === "Failed") return await kubectl.text(`${pods}/${name}/log`);
      if (now().getTime() > deadline) {
        const trouble = podTrouble(seen, now(), "workspace");
        return {
          problem: `The pod ${namespace}/${name} does not run: ${trouble?.what ?? String(phase)}`,
          cause: trouble?.cause ?? "its node is busy",
          cure: "Run the doctor again with a larger --timeout; if it stays, launch a service and look at its events",
        };
      }
      await sleep(1000);
    }
  } finally {
    // Another attempt comes at the end of the doctor.
    await kubectl.delete(`${pods}/${name}`).catch(() => undefined);
  }
}
