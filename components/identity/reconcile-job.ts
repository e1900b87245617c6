import type * as k8s from "@pulumi/kubernetes";

import { onceJob } from "../kubernetes/once-job.ts";
import { confidentialClients } from "./clients.ts";
import { kcadmPod, sessionFolder } from "./kcadm-pod.ts";
import { directorySecret, firstUsersSecret, mailSecret, reconcileWorkload as workload } from "./names.ts";
import { clientSecretName } from "../names.ts";
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
  DIRECTORY_PASSWORD: "/secrets/directory",
  SESSION_FOLDER: sessionFolder,
} as const;

/** Script and files that the Job mounts. */
export function reconcileData(document: RealmDocument): Record<string, string> {
  return { ...reconcileFiles(document), [scriptFile]: reconcileScript };
}

/** A Job that brings the running realm in step with the document, once for each change of either. */
export function reconcileJob(settings: ReconcileSettings): k8s.batch.v1.JobArgs {
  const { namespace, document } = settings;
  const podSpec = reconcilePod(settings);
  return onceJob({ name: workload, namespace, does: [podSpec, reconcileData(document)], backoffLimit: 4, podSpec });
}

function reconcilePod({ namespace, document, imageMirror }: ReconcileSettings) {
  return kcadmPod({
    name: "reconcile",
    namespace,
    realm: document.realm,
    imageMirror,
    script: `${folders.REALM_FILES}/${scriptFile}`,
    folders,
    cpu: "250m",
    mounts: [
      { name: "realm", mountPath: folders.REALM_FILES },
      { name: "clients", mountPath: folders.CLIENT_SECRETS },
      { name: "users", mountPath: folders.USER_PASSWORDS },
      { name: "mail", mountPath: folders.MAIL_SERVER },
      { name: "directory", mountPath: folders.DIRECTORY_PASSWORD },
    ],
    volumes: [
      { name: "realm", configMap: { name: workload } },
      secretFiles("clients", clientSources(document)),
      secretFiles("users", document.users.length === 0 ? [] : [{ secret: { name: firstUsersSecret } }]),
      secretFiles("mail", document.sendsMail ? [{ secret: { name: mailSecret.name } }] : []),
      secretFiles("directory", document.directory === undefined ? [] : [{ secret: { name: directorySecret.name } }]),
    ],
  });
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
