import type * as k8s from "@pulumi/kubernetes";

import { imageReference } from "../kubernetes/image.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { images } from "../versions.ts";
import { keycloakHome } from "./keycloak-environment.ts";
import { keycloakUser } from "./keycloak-stateful-set.ts";
import { internalUrl, reconcileClient, reconcileSecret, reconcileWorkload } from "./names.ts";

/** Where a script's session with Keycloak is kept. */
export const sessionFolder = "/tmp";

/** Plain environment of a script that talks to Keycloak, but for its folders. */
export function kcadmEnvironment(settings: { readonly url: string; readonly home: string; readonly realm: string }) {
  return {
    KCADM: `${settings.home}/bin/kcadm.sh`,
    KEYCLOAK_URL: settings.url,
    RECONCILE_CLIENT: reconcileClient,
    REALM: settings.realm,
  };
}

export interface KcadmPodSettings {
  /** Name of its one container. */
  readonly name: string;
  readonly namespace: string;
  readonly realm: string;
  readonly imageMirror?: string | undefined;
  /** Path of the script. */
  readonly script: string;
  /** Folders that the script is told of, by variable. */
  readonly folders: Readonly<Record<string, string>>;
  /** @example "250m" */
  readonly cpu: string;
  /** What it reads, beside its session. */
  readonly mounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly volumes: readonly k8s.types.input.core.v1.Volume[];
}

/** A pod that runs a script with the image, the account and the login of the reconcile Job. */
export function kcadmPod(settings: KcadmPodSettings) {
  const { name, namespace, realm, imageMirror, script, folders, cpu, mounts, volumes } = settings;
  const environment = kcadmEnvironment({ url: internalUrl(namespace), home: keycloakHome, realm });
  return {
    serviceAccountName: reconcileWorkload,
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    ...platformPod(keycloakUser),
    containers: [
      {
        name,
        image: imageReference(images.keycloak, imageMirror),
        command: ["bash", script],
        env: [
          ...Object.entries({ ...environment, ...folders }).map(([variable, value]) => ({ name: variable, value })),
          { name: "KC_CLI_CLIENT_SECRET", valueFrom: { secretKeyRef: reconcileSecret } },
        ],
        // The last line names the object that failed; it then stands in the pod's status too.
        ...platformContainer({ cpu, memory: "384Mi" }),
        volumeMounts: [
          ...mounts.map((mount) => ({ ...mount, readOnly: true })),
          { name: "session", mountPath: sessionFolder },
        ],
      },
    ],
    volumes: [
      ...volumes,
      // The session holds a token: in memory, and gone with the pod.
      { name: "session", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    ],
  };
}
