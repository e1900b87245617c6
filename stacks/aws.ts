/** The parts that run on AWS. Only stacks that have one load this module, and with it AWS's SDK: see `loadAws`. */
import * as pulumi from "@pulumi/pulumi";

import type { AccessModel } from "../components/access/access-model.ts";
import { awsProvider, tagsOf } from "../components/aws/provider.ts";
import type { AwsSettings } from "../components/aws/settings.ts";
import { ChallengeRights } from "../components/certificates/challenge-rights.ts";
import { EksCluster } from "../components/cluster/eks-cluster.ts";
import type { EksSettings } from "../components/cluster/eks-settings.ts";
import type { ClusterAccess, IngressEndpoint, LoadBalancedNodes, LoadBalancer } from "../components/contracts.ts";
import { servicesName } from "../components/dns/records.ts";
import { Route53Records } from "../components/dns/route53-records.ts";
import { type Route53ZoneSettings, servicesZoneOf } from "../components/dns/settings.ts";
import { NetworkLoadBalancer, type NetworkLoadBalancerArgs } from "../components/ingress/network-load-balancer.ts";
import { existingNetwork } from "../components/network/existing-network.ts";
import { knownByFormerNames } from "../components/kubernetes/logical-names.ts";
import { Network } from "../components/network/network.ts";
import { S3ObjectStore } from "../components/object-store/s3-object-store.ts";
import { S3ServicePlace } from "../components/object-store/s3-service-place.ts";
import type { S3Settings } from "../components/object-store/settings.ts";
import { servicePlaceBucket } from "../components/object-store/storage-layout.ts";
import type { ServiceBucket } from "../components/part.ts";
import { workspaceLabel, workspaceMark } from "../components/workspaces/names.ts";
import type { Plan } from "./plan.ts";

/** Makers of the parts, all with the one provider. */
export interface AwsParts {
  readonly region: string;
  readonly cluster: (settings: EksSettings, mark: pulumi.ResourceTransformation) => ClusterAccess;
  readonly loadBalancer: (nodes: LoadBalancedNodes, args: Omit<NetworkLoadBalancerArgs, "nodes">) => LoadBalancer;
  readonly records: (
    zone: Route53ZoneSettings,
    names: readonly string[],
    ingress: Pick<IngressEndpoint, "address" | "alias">,
  ) => Route53Records;
  readonly challengeRights: (cluster: ClusterAccess, zoneId: pulumi.Input<string>) => pulumi.Resource;
  readonly objectStore: (settings: S3Settings, access: AccessModel) => S3ObjectStore;
  readonly servicePlace: (settings: S3Settings, bucket: ServiceBucket, cluster: ClusterAccess) => S3ServicePlace;
}

/** Everything below uses the one provider, which is made here. */
export function awsParts({ dns, hosts, platform }: Plan, aws: AwsSettings): AwsParts {
  const { accountId, region } = aws;
  const { domain, protectData } = platform;
  const servicesZoneId = servicesZoneOf(dns);
  const stack = pulumi.getStack();
  const tags = tagsOf(aws, stack);
  const provider = awsProvider("aws", aws, stack);
  const after = (...dependsOn: readonly pulumi.Resource[]) => ({ providers: [provider], dependsOn: [...dependsOn] });

  return {
    region,
    cluster: (settings, mark) => {
      const displayName = settings.clusterIdentifier;
      const network =
        settings.network.kind === "existing"
          ? existingNetwork(settings.network)
          : new Network("network", { settings: settings.network, aws, displayName }, after());
      const workspaces = { [workspaceLabel]: workspaceMark };
      const args = { settings, aws, tags, network, workspaces, protectData };
      return new EksCluster("cluster", args, { ...after(), transformations: [mark, knownByFormerNames] });
    },
    loadBalancer: (nodes, args) => {
      // Under another name everything is there before the old one goes: AWS puts a target group behind one load balancer alone.
      const name = args.internal ? "private-door" : "load-balancer";
      return new NetworkLoadBalancer(name, { nodes, ...args }, after());
    },
    records: (zone, names, ingress) => {
      const otherZones = servicesZoneId === undefined ? {} : { [servicesName(hosts)]: servicesZoneId };
      return new Route53Records("dns", { domain, names, zone, otherZones, ingress, protectData }, after());
    },
    challengeRights: (cluster, zoneId) => {
      const zoneIds = [zoneId, ...(servicesZoneId === undefined ? [] : [servicesZoneId])];
      const args = { hosts, clusterName: cluster.name, accountId, region, zoneIds };
      return new ChallengeRights("challenge-rights", args, after(...beforeNodesOf(cluster)));
    },
    objectStore: (settings, access) =>
      new S3ObjectStore("object-store", { access, accountId, region, settings, protectData }, after()),
    servicePlace: ({ lifecycle }, { name, client }, cluster) => {
      const bucket = servicePlaceBucket(name, { domain, accountId });
      const args = { client, bucket, clusterName: cluster.name, accountId, region, lifecycle, protectData };
      return new S3ServicePlace(`${client.workload}-place`, args, after(...beforeNodesOf(cluster)));
    },
  };
}

/**
 * What must be there before an association with pods: as little as possible. It takes AWS some seconds to heed one, and a pod
 * that begins before stays without.
 */
function beforeNodesOf({ controlPlane, ready }: ClusterAccess): readonly pulumi.Resource[] {
  return controlPlane === undefined ? ready : [controlPlane];
}
