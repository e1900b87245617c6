/** The server of the directory: one pod and one volume. */
import type * as k8s from "@pulumi/kubernetes";

import { configHash } from "../kubernetes/config-hash.ts";
import { imageReference } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { untilRolledOut } from "../kubernetes/rollout.ts";
import { namespaces } from "../names.ts";
import { images } from "../versions.ts";
import { accountsSecret, certificateSecret, directoryName, podPort } from "./names.ts";
import { sshKeySchema } from "./schema.ts";
import type { OpenLdapSettings } from "./settings.ts";
import {
  configurationFile,
  folders,
  rootPasswordFile,
  schemaFile,
  slapdConfiguration,
  type SlapdSettings,
} from "./slapd-configuration.ts";

/** Nobody in particular: the image would change to a user of its own, of a number that Debian chooses. */
export const directoryUser = 1000;

export interface ServerSettings extends Omit<SlapdSettings, "size"> {
  readonly settings: OpenLdapSettings;
  /** Keeps the volume when its owner goes. */
  readonly protectData: boolean;
  readonly imageMirror?: string | undefined;
}

/** The server's own files. */
export function configurationData({ settings, ...rest }: ServerSettings): Record<string, string> {
  const size = settings.storage.size;
  return { [configurationFile]: slapdConfiguration({ ...rest, size }), [schemaFile]: sshKeySchema };
}

/**
 * How the server starts. It reserves room for every file that it might open, and containers may open a billion.
 *
 * @param port where it listens, with TLS alone
 */
export function serverCommand(port: number): string[] {
  const slapd = `/usr/sbin/slapd -f ${folders.configuration}/${configurationFile} -h ldaps://:${port}/ -d stats`;
  return ["bash", "-c", `ulimit -Sn 4096 && exec ${slapd}`];
}

/** One server on one volume. */
export function serverStatefulSet(inputs: ServerSettings): k8s.apps.v1.StatefulSetArgs {
  const { settings, protectData, imageMirror } = inputs;
  const { size, storageClass } = settings.storage;
  const probe = { tcpSocket: { port: "ldaps" }, timeoutSeconds: 5 };
  return {
    metadata: {
      name: directoryName,
      namespace: namespaces.directory,
      labels: labelsFor(directoryName),
      annotations: untilRolledOut,
    },
    spec: {
      serviceName: directoryName,
      replicas: 1,
      selector: { matchLabels: selectorFor(directoryName) },
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: protectData ? "Retain" : "Delete",
        whenScaled: "Retain",
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: size } },
            ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
          },
        },
      ],
      template: {
        metadata: { labels: labelsFor(directoryName), annotations: configHash(configurationData(inputs)) },
        spec: {
          serviceAccountName: directoryName,
          automountServiceAccountToken: false,
          ...platformPod(directoryUser),
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: "slapd",
              image: imageReference(images.openldap, imageMirror),
              command: serverCommand(podPort),
              ports: [{ name: "ldaps", containerPort: podPort }],
              ...platformContainer(settings.resources),
              startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 60 },
              readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 3 },
              livenessProbe: { ...probe, periodSeconds: 10, failureThreshold: 6 },
              volumeMounts: [
                { name: "data", mountPath: folders.data },
                { name: "configuration", mountPath: folders.configuration, readOnly: true },
                { name: "secrets", mountPath: folders.secrets, readOnly: true },
                { name: "certificate", mountPath: folders.certificate, readOnly: true },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "configuration", configMap: { name: directoryName } },
            {
              name: "secrets",
              secret: {
                secretName: accountsSecret,
                defaultMode: 0o440,
                items: [{ key: rootPasswordFile, path: rootPasswordFile }],
              },
            },
            { name: "certificate", secret: { secretName: certificateSecret, defaultMode: 0o440 } },
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
    },
  };
}
