import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { AccessModel } from "../access/access-model.ts";
import { addressesOf } from "../addresses.ts";
import type { ObjectStore, PublicHostAccess, Realm, ServicePlace, KeysToPlace } from "../contracts.ts";
import { caBundleConfigMap } from "../kubernetes/ca-bundle.ts";
import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import type { ImageSource } from "../kubernetes/image-pull.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { type Hosts, namespaces } from "../names.ts";
import type { ServiceBucket } from "../part.ts";
import { ownBucketPolicy, serviceBucketPolicy } from "./bucket-policy.ts";
import { credentialKeys, credentialsSecret, rootUser } from "./credentials.ts";
import { minioObjectStore } from "./minio-object-store.ts";
import * as network from "./network.ts";
import { placeKey, placeKeyName, placeOf, placesSecret } from "./service-places.ts";
import { isDistributed, serverName, serverStatefulSet } from "./server.ts";
import type { MinioSettings } from "./settings.ts";
import { policyConfigMap, setupJob, setupName } from "./setup-job.ts";

export interface MinioTenantArgs extends ImageSource {
  readonly hosts: Hosts;
  readonly access: AccessModel;
  /** Whose tokens are exchanged for S3 credentials. The servers are not ready before it answers. */
  readonly realm: Pick<Realm, "issuerUrl">;
  /** IngressClass of the two hosts. */
  readonly ingressClassName: string;
  /** How the servers reach and trust the realm. */
  readonly publicHosts: PublicHostAccess;
  /** Key `datalab:objectStore` of the stack file. */
  readonly settings: MinioSettings;
  /** Buckets of the platform's own parts. @default none */
  readonly buckets?: readonly ServiceBucket[] | undefined;
  /** Refuses to delete or replace what holds data. @default false */
  readonly protectData?: boolean | undefined;
}

/**
 * A MinIO-compatible S3 service where every user has a bucket of their own.
 *
 * No operator: upstream's is no longer maintained, and these objects are all that a tenant is.
 *
 * @example
 * ```ts
 * const users = { hosts, access, realm, publicHosts, ingressClassName: ingress.className };
 * new MinioTenant("object-store", { ...users, settings: minio, protectData: true }, { ...inside, dependsOn: [realm] });
 * ```
 */
export class MinioTenant extends pulumi.ComponentResource implements ObjectStore {
  readonly endpoint: string;
  readonly region: string;
  readonly pathStyleAccess: boolean;
  readonly sts: ObjectStore["sts"];
  /** The buckets that were asked for, by name. */
  readonly places: Readonly<Record<string, ServicePlace<KeysToPlace>>>;

  constructor(name: string, args: MinioTenantArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:object-store:MinioTenant", name, { settings: args.settings }, opts);
    const { settings, access, hosts, publicHosts, buckets = [], registryLogin, protectData } = args;
    const policy = { name: access.objectStore.policyName, document: ownBucketPolicy(access, settings) };
    const child = { parent: this };
    const data = { ...child, ...(protectData === true ? { protect: true } : {}) };

    const { inside, ready } = guardedNamespace(
      name,
      { namespace: namespaces.objectStore, registryLogin, protectData },
      this,
    );
    const credentials = createCredentials(name, inside, data);
    const guards = createGuards(name, args, inside);
    const accounts = [
      new k8s.core.v1.ServiceAccount(`${name}-service-account`, serviceAccount(serverName), inside),
      new k8s.core.v1.ServiceAccount(`${name}-setup-service-account`, serviceAccount(setupName), inside),
    ];
    const services = [
      new k8s.core.v1.Service(`${name}-peers-service`, network.peersService(), inside),
      new k8s.core.v1.Service(`${name}-service`, network.serverService(settings), inside),
    ];
    const needs: pulumi.Resource[] = [...ready, credentials, ...guards, ...accounts, ...services];
    if (publicHosts.caBundle !== undefined) {
      const bundle = caBundleConfigMap(namespaces.objectStore, publicHosts.caBundle);
      needs.push(new k8s.core.v1.ConfigMap(`${name}-ca`, bundle, inside));
    }
    const servers = new k8s.apps.v1.StatefulSet(`${name}-stateful-set`, serverStatefulSet(args), {
      ...data,
      dependsOn: needs,
      // The number of servers is written into every volume. Only a new store can have another one: say so in the
      // preview, and let the protection refuse it, instead of leaving servers that never start.
      replaceOnChanges: ["spec.replicas"],
      deleteBeforeReplace: true,
    });
    if (isDistributed(settings)) {
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-disruption-budget`,
        disruptionBudget(namespaces.objectStore, serverName),
        inside,
      );
    }
    const placePolicies = buckets.map((bucket) => ({ name: bucket.name, document: serviceBucketPolicy(bucket.name) }));
    const policyFile = new k8s.core.v1.ConfigMap(
      `${name}-policy-document`,
      policyConfigMap([policy, ...placePolicies]),
      inside,
    );
    const keys = createPlaceKeys(name, buckets, { child, inside });
    new k8s.batch.v1.Job(`${name}-setup`, setupJob(policy, settings, args.imageMirror, placePolicies), {
      ...child,
      dependsOn: [...needs, servers, policyFile, ...keys.secrets],
      // The Job of before goes first: a change that is taken back would find it there, done, whatever its successor did.
      deleteBeforeReplace: true,
    });
    for (const { port, host } of network.publicPorts(settings, hosts)) {
      new k8s.networking.v1.Ingress(`${name}-${port}-ingress`, network.ingress(port, host, args.ingressClassName), {
        ...child,
        dependsOn: [servers, ...services],
      });
    }

    const { endpoint, region, pathStyleAccess, sts } = minioObjectStore(
      addressesOf(hosts, publicHosts.ingress.publicPort),
      settings,
    );
    this.endpoint = endpoint;
    this.region = region;
    this.pathStyleAccess = pathStyleAccess;
    this.sts = sts;
    this.places = Object.fromEntries(
      Object.entries(keys.values).map(([bucket, key]) => [bucket, placeOf(bucket, region, key)]),
    );
    this.registerOutputs({ endpoint: this.endpoint, region: this.region });
  }
}

function createCredentials(
  name: string,
  inside: pulumi.CustomResourceOptions,
  data: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  // Letters and digits only: the setup Job writes the password into an address.
  const password = { length: 40, special: false };
  const root = new random.RandomPassword(`${name}-root-password`, password, data);
  const token = new random.RandomPassword(`${name}-token-password`, password, data);
  return new k8s.core.v1.Secret(
    `${name}-credentials-secret`,
    {
      metadata: { name: credentialsSecret, namespace: namespaces.objectStore, labels: labelsFor(serverName) },
      stringData: {
        [credentialKeys.rootUser]: rootUser,
        [credentialKeys.rootPassword]: root.result,
        [credentialKeys.tokenSecret]: token.result,
      },
    },
    { ...data, ...inside },
  );
}

/** A key for each bucket of a part, and the Secret that the setup Job reads them from. */
function createPlaceKeys(
  name: string,
  buckets: readonly ServiceBucket[],
  { child, inside }: { readonly child: pulumi.CustomResourceOptions; readonly inside: pulumi.CustomResourceOptions },
): { readonly values: Readonly<Record<string, pulumi.Output<string>>>; readonly secrets: k8s.core.v1.Secret[] } {
  const values = Object.fromEntries(
    buckets.map((bucket) => [
      bucket.name,
      new random.RandomPassword(`${name}-${placeKeyName(bucket)}`, placeKey, child).result,
    ]),
  );
  if (buckets.length === 0) return { values, secrets: [] };
  return { values, secrets: [new k8s.core.v1.Secret(`${name}-places-secret`, placesSecret(values), inside)] };
}

function createGuards(
  name: string,
  { settings, publicHosts, buckets }: MinioTenantArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const policies = {
    "network-policy": network.serverNetworkPolicy(settings, publicHosts, buckets),
    "setup-network-policy": network.setupNetworkPolicy(),
  };
  return Object.entries(policies).map(
    ([suffix, policy]) => new k8s.networking.v1.NetworkPolicy(`${name}-${suffix}`, policy, options),
  );
}

function serviceAccount(name: string): k8s.core.v1.ServiceAccountArgs {
  return {
    metadata: { name, namespace: namespaces.objectStore, labels: labelsFor(name) },
    automountServiceAccountToken: false,
  };
}
