/**
 * Volumes for claims: a folder of the node for each, as a `local` volume, whose files the kubelet hands to the pod's
 * `fsGroup`. Their size is not enforced.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ApiClient } from "../control-plane/api-client.ts";
import { inside, nodeName } from "./network.ts";

const provisioner = "bench.datalab/local";
const volumesPath = "/api/v1/persistentvolumes";

/** The same name as on the simulated control plane, so that a stack runs on either. */
const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner,
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
};

interface Claim {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly volumeName?: string;
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: { readonly storage: string } };
  };
}

interface Volume {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly storageClassName?: string };
  readonly status?: { readonly phase?: string };
}

/** Answers claims of the default class until the signal is given. */
export async function provideVolumes(api: ApiClient, folder: string, signal: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  const once = (key: string, work: () => Promise<unknown>): void => {
    if (seen.has(key)) return;
    seen.add(key);
    work().catch((error: unknown) => {
      seen.delete(key);
      console.error(`volume ${key}: ${String(error)}`);
    });
  };
  await Promise.all([
    api.follow(
      "/api/v1/persistentvolumeclaims",
      (claims) => {
        for (const claim of claims as readonly Claim[]) {
          // The controllers say whose turn it is. Who comes before them is in their way.
          const chosen = claim.metadata.annotations?.["volume.kubernetes.io/storage-provisioner"];
          if (chosen !== provisioner || claim.spec.volumeName !== undefined) continue;
          once(`for ${claim.metadata.uid}`, () => createVolume(api, folder, claim));
        }
      },
      signal,
    ),
    api.follow(
      volumesPath,
      (volumes) => {
        for (const { metadata, spec, status } of volumes as readonly Volume[]) {
          if (spec.storageClassName !== storageClass.metadata.name || status?.phase !== "Released") continue;
          once(metadata.name, () => removeVolume(api, folder, metadata.name));
        }
      },
      signal,
    ),
  ]);
}

export async function createStorageClass(api: ApiClient): Promise<void> {
  await api.create("/apis/storage.k8s.io/v1/storageclasses", storageClass);
}

async function createVolume(api: ApiClient, folder: string, claim: Claim): Promise<void> {
  const { name, namespace, uid } = claim.metadata;
  const volume = `pvc-${uid}`;
  await mkdir(join(folder, "volumes", volume), { recursive: true, mode: 0o755 });
  await api.create(volumesPath, {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volume, annotations: { "pv.kubernetes.io/provisioned-by": provisioner } },
    spec: {
      storageClassName: storageClass.metadata.name,
      // The controllers delete only what they know; this process does.
      persistentVolumeReclaimPolicy: "Retain",
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources.requests.storage },
      local: { path: `${inside}/volumes/${volume}` },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [nodeName] }] },
          ],
        },
      },
    },
  });
}

/** The claim has been deleted, and with it the last pod that used it. */
async function removeVolume(api: ApiClient, folder: string, name: string): Promise<void> {
  await api.delete(`${volumesPath}/${name}`);
  await rm(join(folder, "volumes", name), { recursive: true, force: true });
}
