import { createHash } from "node:crypto";

import type * as k8s from "@pulumi/kubernetes";

import { imageReference } from "../kubernetes/image.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { containerResources, containerSecurityContext, lastWords, platformPod } from "../kubernetes/pod-hygiene.ts";
import { images } from "../versions.ts";
import { confidentialClients } from "./clients.ts";
import { keycloakHome } from "./keycloak-environment.ts";
import { keycloakUser } from "./keycloak-stateful-set.ts";
import {
  clientSecretName,
  firstUsersSecret,
  internalUrl,
  mailSecret,
  reconcileClient,
  reconcileSecret,
  reconcileWorkload as workload,
} from "./names.ts";
import type { RealmDocument } from "./realm-document.ts";
import { reconcileFiles } from "./realm-files.ts";
import { reconcileScript } from "./reconcile-script.ts";

export interface ReconcileSettings {
  readonly namespace: string;
  readonly document: RealmDocument;
  readonly imageMirror?: string | undefined;
}

const scriptFile = "reconcile.sh";

/** Folders of the Job's container, by the variables that tell the script. */
const folders = {
  REALM_FILES: "/realm",
  CLIENT_SECRETS: "/secrets/clients",
  USER_PASSWORDS: "/secrets/users",
  MAIL_SERVER: "/secrets/mail",
  SESSION_FOLDER: "/tmp",
} as const;

/** Plain environment of the script, but for the folders. */
export function reconcileEnvironment(settings: {
  readonly url: string;
  readonly home: string;
  readonly realm: string;
}) {
  return {
    KCADM: `${settings.home}/bin/kcadm.sh`,
    KEYCLOAK_URL: settings.url,
    RECONCILE_CLIENT: reconcileClient,
    REALM: settings.realm,
  };
}

/** Script and files that the Job mounts. */
export function reconcileData(document: RealmDocument): Record<string, string> {
  return { ...reconcileFiles(document), [scriptFile]: reconcileScript };
}

/** A Job that brings the running realm in step with the document, once for each change of either. */
export function reconcileJob(settings: ReconcileSettings): k8s.batch.v1.JobArgs {
  const { namespace, document } = settings;
  const podSpec = reconcilePod(settings);
  // A Job cannot be changed: what it would do is part of its name, so that a change is another Job.
  const hash = createHash("sha256")
    .update(JSON.stringify([podSpec, reconcileData(document)]))
    .digest("hex");
  return {
    metadata: {
      name: `${workload}-${hash.slice(0, 10)}`,
      namespace,
      labels: labelsFor(workload),
      // One that has failed is made again by the next `pulumi up` instead of failing it for ever.
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: {
      backoffLimit: 4,
      activeDeadlineSeconds: 540,
      template: { metadata: { labels: labelsFor(workload) }, spec: podSpec },
    },
  };
}

function reconcilePod({ namespace, document, imageMirror }: ReconcileSettings) {
  const environment = reconcileEnvironment({ url: internalUrl(namespace), home: keycloakHome, realm: document.realm });
  return {
    serviceAccountName: workload,
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    ...platformPod(keycloakUser),
    containers: [
      {
        name: "reconcile",
        image: imageReference(images.keycloak, imageMirror),
        command: ["bash", `${folders.REALM_FILES}/${scriptFile}`],
        env: [
          ...Object.entries({ ...environment, ...folders }).map(([name, value]) => ({ name, value })),
          { name: "KC_CLI_CLIENT_SECRET", valueFrom: { secretKeyRef: reconcileSecret } },
        ],
        resources: containerResources({ cpu: "250m", memory: "384Mi" }),
        securityContext: containerSecurityContext(),
        ...lastWords,
        // The last line names the object that failed; it then stands in the pod's status too.
        volumeMounts: [
          { name: "realm", mountPath: folders.REALM_FILES, readOnly: true },
          { name: "clients", mountPath: folders.CLIENT_SECRETS, readOnly: true },
          { name: "users", mountPath: folders.USER_PASSWORDS, readOnly: true },
          { name: "mail", mountPath: folders.MAIL_SERVER, readOnly: true },
          { name: "session", mountPath: folders.SESSION_FOLDER },
        ],
      },
    ],
    volumes: [
      { name: "realm", configMap: { name: workload } },
      secretFiles("clients", clientSources(document)),
      secretFiles("users", document.users.length === 0 ? [] : [{ secret: { name: firstUsersSecret } }]),
      secretFiles("mail", document.sendsMail ? [{ secret: { name: mailSecret.name } }] : []),
      // The session holds a token: in memory, and gone with the pod.
      { name: "session", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    ],
  };
}

function clientSources({ clients }: RealmDocument) {
  return confidentialClients(clients).map((clientId) => ({
    secret: { name: clientSecretName(clientId), items: [{ key: "client-secret", path: clientId }] },
  }));
}

function secretFiles(name: string, sources: readonly object[]) {
  return sources.length === 0
    ? { name, emptyDir: {} }
    : { name, projected: { defaultMode: 0o440, sources: [...sources] } };
}
