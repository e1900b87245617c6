/** The parts that a stack file chooses by one word. Each branch gives the same contract. */
import * as pulumi from "@pulumi/pulumi";

import { ExistingCluster } from "../components/cluster/existing-cluster.ts";
import type { ClusterAccess, IngressEndpoint, ObjectStore, ServicePlace } from "../components/contracts.ts";
import { ClusterDns } from "../components/dns/cluster-dns.ts";
import { type DnsRecord, publicNames, recordsToCreate } from "../components/dns/records.ts";
import { clusterDnsOf } from "../components/dns/settings.ts";
import { PlatformError } from "../components/errors.ts";
import { ExistingIngress } from "../components/ingress/existing-ingress.ts";
import { IngressController } from "../components/ingress/ingress-controller.ts";
import { dockerConfig, pullsWithSecret, registryOf } from "../components/kubernetes/image-pull.ts";
import { knownByFormerNames } from "../components/kubernetes/logical-names.ts";
import { readyWithin } from "../components/kubernetes/ready-timeout.ts";
import { providedWildcardSecrets } from "../components/names.ts";
import { externalObjectStore } from "../components/object-store/external-object-store.ts";
import { MinioTenant, type MinioTenantArgs } from "../components/object-store/minio-tenant.ts";
import { secondsOf } from "../components/scalars.ts";
import type { AwsParts } from "./aws.ts";
import type { Plan } from "./plan.ts";
import type { Settings } from "./settings/schemas.ts";
import { byPort, visitorsOf } from "./visitors.ts";

/** Options of a component in the cluster that waits for others. */
export type After = (...dependsOn: readonly pulumi.Resource[]) => pulumi.ComponentResourceOptions;

/** What every object in the cluster has in common. */
export interface Common {
  readonly cluster: ClusterAccess;
  readonly plan: Plan;
  /** Marks it as this stack's. */
  readonly mark: pulumi.ResourceTransformation;
}

/** Everything in the cluster uses its one provider, becomes ready within the same time, and comes after `first`. */
export function inCluster({ cluster, plan, mark }: Common, ...first: readonly pulumi.Resource[]): After {
  const { readyTimeout, imagePull } = plan.platform;
  const login = imagePull === undefined ? [] : [pullsWithSecret];
  return (...dependsOn) => ({
    providers: [cluster.provider],
    dependsOn: [...cluster.ready, ...first, ...dependsOn],
    transformations: [readyWithin(secondsOf(readyTimeout)), mark, knownByFormerNames, ...login],
  });
}

/** `platform.imagePull`, as the content of a Secret. The rules make sure that one of the two names a registry. */
export function registryLoginOf({
  platform: { imageMirror = "", imagePull },
}: Pick<Settings, "platform">): pulumi.Output<string> | undefined {
  if (imagePull === undefined) return undefined;
  return pulumi.secret(dockerConfig(imagePull.registry ?? registryOf(imageMirror), imagePull));
}

/** `cluster.kind` */
export function clusterOf(
  { cluster }: Plan,
  aws: AwsParts | undefined,
  mark: pulumi.ResourceTransformation,
): ClusterAccess {
  switch (cluster.kind) {
    case "eks":
      return loaded(aws).cluster(cluster, mark);
    case "existing": {
      const { clusterIdentifier, kubeconfig, kubeconfigPath, context, apiServerCidrs, apiServerPorts } = cluster;
      return new ExistingCluster("cluster", {
        clusterIdentifier,
        context,
        // A path is public, the content is not.
        kubeconfig: kubeconfig === undefined ? (kubeconfigPath ?? "") : pulumi.secret(kubeconfig),
        apiServer: { cidrs: apiServerCidrs.toSorted(), ports: apiServerPorts.toSorted((a, b) => a - b) },
      });
    }
  }
}

/** `ingress.kind` */
export function ingressOf(
  plan: Plan,
  { apiServer, nodes, name: displayName }: ClusterAccess,
  aws: AwsParts | undefined,
  options: pulumi.ComponentResourceOptions,
): IngressEndpoint & pulumi.Resource {
  const { hosts, ingress: settings, platform, certificates, dns } = plan;
  const { resolvesInCluster } = dns;
  switch (settings.kind) {
    case "traefik": {
      const visitors = visitorsOf(plan, nodes);
      const { imageMirror } = platform;
      const wildcardSecrets = certificates.issuer === "provided" ? providedWildcardSecrets : undefined;
      const loadBalancer =
        nodes === undefined
          ? undefined
          : loaded(aws).loadBalancer(nodes, { displayName, internal: settings.internal, visitors: byPort(visitors) });
      const registryLogin = registryLoginOf({ platform });
      const images = { imageMirror, registryLogin };
      const args = {
        hosts,
        settings,
        apiServer,
        resolvesInCluster,
        loadBalancer,
        wildcardSecrets,
        visitors,
        ...images,
      };
      return new IngressController("ingress", args, options);
    }
    case "existing":
      return new ExistingIngress("ingress", { settings, resolvesInCluster }, options);
  }
}

/** Who answers for the platform's names. */
export interface Dns {
  /** Public zone that records can be made in; undefined where a person makes them. */
  readonly zoneId: pulumi.Output<string> | undefined;
  /** Name servers of a zone that was made, for the domain above. */
  readonly nameServers: pulumi.Output<string[]> | undefined;
  /** What a person has to create. */
  readonly recordsToCreate: pulumi.Output<DnsRecord[]> | undefined;
  /** Resources to wait for before the names are asked for. */
  readonly ready: readonly pulumi.Resource[];
}

function publicHostsOf({ hosts, publicHosts }: Plan): string[] {
  return publicHosts.map(({ host }) => hosts[host]);
}

/** `dns.kind` */
export function dnsOf(plan: Plan, ingress: IngressEndpoint, aws: AwsParts | undefined): Dns {
  const { dns, hosts } = plan;
  const names = publicNames(publicHostsOf(plan), hosts);
  switch (dns.kind) {
    case "route53": {
      const records = loaded(aws).records(dns.zone, names, ingress);
      const { zoneId, nameServers } = records;
      return { zoneId, nameServers, recordsToCreate: undefined, ready: [records] };
    }
    case "none": {
      const addresses = ingress.addresses ?? ingress.address.apply((address) => [address]);
      const records = addresses.apply((all) => all.flatMap((address) => recordsToCreate(names, address)));
      return { zoneId: undefined, nameServers: undefined, recordsToCreate: records, ready: [] };
    }
  }
}

/** `dns.clusterDns` */
export function tellClusterDns(
  plan: Plan,
  { apiServer }: ClusterAccess,
  { clusterIp: address }: IngressEndpoint,
  options: pulumi.ComponentResourceOptions,
): void {
  const { dns, hosts, platform, portal } = plan;
  if (clusterDnsOf(dns) === "none" || address === undefined) return;
  const args = {
    hosts: publicHostsOf(plan),
    servicesDomain: hosts.services,
    address,
    apiServer,
    imageMirror: platform.imageMirror,
    registryLogin: registryLoginOf({ platform }),
    imageDigest: portal.api.imageDigest,
  };
  new ClusterDns("cluster-dns", args, options);
}

/** The object store, and what its users wait for. */
export interface Store {
  readonly store: ObjectStore;
  readonly ready: readonly pulumi.Resource[];
  /** Buckets of the parts themselves, by name; none where the rules refuse parts that want one. */
  readonly places: Readonly<Record<string, ServicePlace>>;
}

/** `objectStore.kind` */
export function objectStoreOf(
  { access, buckets, objectStore }: Plan,
  aws: AwsParts | undefined,
  cluster: ClusterAccess,
  minio: Omit<MinioTenantArgs, "settings" | "access" | "buckets">,
  options: pulumi.ComponentResourceOptions,
): Store {
  switch (objectStore.kind) {
    case "minio": {
      const store = new MinioTenant("object-store", { ...minio, access, buckets, settings: objectStore }, options);
      return { store, ready: [store], places: store.places };
    }
    case "s3": {
      const parts = loaded(aws);
      const store = parts.objectStore(objectStore, access);
      const places = buckets.map((bucket) => [bucket.name, parts.servicePlace(objectStore, bucket, cluster)] as const);
      return { store, ready: [store, ...places.map(([, place]) => place)], places: Object.fromEntries(places) };
    }
    case "external":
      return { store: externalObjectStore(objectStore), ready: [], places: {} };
  }
}

/** The settings' rules make sure of it where AWS is used. */
export function loaded(aws: AwsParts | undefined): AwsParts {
  if (aws === undefined)
    throw new PlatformError("parts on AWS are asked for, but not loaded", "pass on what `loadAws` gives");
  return aws;
}
