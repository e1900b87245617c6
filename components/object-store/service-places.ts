/** Buckets of the platform's own parts, each with an account that opens nothing else. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { KeysToPlace, ServicePlace } from "../contracts.ts";
import type { KeptValue } from "../kept-value.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { namespaces } from "../names.ts";
import type { ServiceBucket } from "../part.ts";
import { s3Port, serverName } from "./server.ts";

/** Secret with the accounts' keys, by the name of the bucket. The setup Job reads it. */
export const placesSecretName = "object-store-places";

/** What a key is made of: letters and digits, which no shell and no configuration reads as something else. */
export const placeKey = { length: 40, special: false };

/** End of the name of the resource that makes a bucket's key. */
export function placeKeyName({ name }: ServiceBucket): string {
  return `${name}-password`;
}

/** Where the key of a bucket can be found again. */
export function placeKeptValue(bucket: ServiceBucket): KeptValue {
  const entry = { namespace: namespaces.objectStore, name: placesSecretName, key: bucket.name };
  return { resource: `object-store-${placeKeyName(bucket)}`, entry };
}

export function placesSecret(keys: Readonly<Record<string, pulumi.Input<string>>>): k8s.core.v1.SecretArgs {
  return {
    metadata: { name: placesSecretName, namespace: namespaces.objectStore, labels: labelsFor(placesSecretName) },
    stringData: { ...keys },
  };
}

/** What a part's pods use. */
export function placeOf(bucket: string, region: string, secretKey: pulumi.Output<string>): ServicePlace<KeysToPlace> {
  return {
    bucket,
    region,
    access: {
      kind: "keys",
      endpoint: `http://${serverName}.${namespaces.objectStore}.svc:${s3Port}`,
      credentials: { accessKey: bucket, secretKey },
      servers: { namespace: namespaces.objectStore, workload: serverName, port: s3Port },
    },
  };
}
