import type { Cluster } from "@pulumi/aws/eks/cluster.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { addressIn } from "../aws/cidr.ts";
import { clusterArn } from "../aws/policy.ts";
import type { AwsSettings } from "../aws/settings.ts";
import type { ApiServerAddresses, ClusterAccess, LoadBalancedNodes, VirtualNetwork } from "../contracts.ts";
import { addon, beforeNodes, onNodes } from "./addons.ts";
import { accessEntry, eksControlPlane, serviceCidrOf } from "./eks-control-plane.ts";
import type { EksSettings } from "./eks-settings.ts";
import { elasticPlacement } from "./elastic-placement.ts";
import { eksKubeconfig } from "./kubeconfig.ts";
import { autoscalingGroupOf, managedNodeGroup, nodeRole } from "./node-groups.ts";
import { isPlatformGroup } from "./platform-room.ts";
import { sharedFiles } from "./shared-files.ts";
import { efsClass, gp3Class } from "./storage-classes.ts";
import { reservedSlots } from "./volume-slots.ts";

export interface EksClusterArgs {
  readonly settings: EksSettings;
  readonly aws: Pick<AwsSettings, "accountId" | "region">;
  /** Tags of what AWS and the add-ons make on their own. */
  readonly tags: Readonly<Record<string, string>>;
  readonly network: VirtualNetwork;
  /** Labels of the namespaces whose pods may run on spot nodes. */
  readonly workspaces: Readonly<Record<string, string>>;
  /** Refuses to delete the cluster, the key of its Secrets and its file system. */
  readonly protectData: boolean;
}

/**
 * A Kubernetes cluster on AWS: control plane, access, nodes, pinned add-ons, storage.
 *
 * @example
 * ```ts
 * const account = { accountId: "123456789012", region: "eu-west-3" } as const;
 * const workspaces = { "datalab.dev/workspace": "true" };
 * new EksCluster("cluster", { settings: eks, aws: account, tags: {}, network, workspaces, protectData: true }, onAws);
 * ```
 */
export class EksCluster extends pulumi.ComponentResource implements ClusterAccess {
  readonly provider: k8s.Provider;
  readonly name: string;
  readonly apiServer: ApiServerAddresses;
  readonly ready: readonly pulumi.Resource[];
  readonly controlPlane: pulumi.Resource;
  readonly nodes: LoadBalancedNodes;
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:cluster:EksCluster", name, inputsOf(args), opts);
    const { settings, aws, tags, network, protectData } = args;
    const { clusterIdentifier, version, admins, viewers, nodeGroups } = settings;
    const child = { parent: this };
    const named = { name: clusterIdentifier, version };
    const shared = { cluster: named, aws, tags, reservedSlots: reservedSlots(nodeGroups), child };

    const cluster = eksControlPlane(name, { settings, aws, network, protectData, child });
    const access = [
      ...admins.map((arn) => accessEntry(name, arn, "admin", clusterIdentifier, { ...child, dependsOn: [cluster] })),
      ...viewers.map((arn) => accessEntry(name, arn, "viewer", clusterIdentifier, { ...child, dependsOn: [cluster] })),
    ];

    const first = beforeNodes.map((which) => addon(name, which, { ...shared, dependsOn: [cluster] }));
    const role = nodeRole(name, child);
    const groups = Object.entries(nodeGroups).map(([group, groupSettings]) => ({
      group,
      platform: isPlatformGroup(groupSettings),
      nodes: managedNodeGroup(name, group, {
        ...shared,
        settings: groupSettings,
        nodeRoleArn: role.arn,
        subnetIds: Object.values(network.privateSubnets),
        dependsOn: [cluster, ...first, ...role.rights, ...network.ready],
      }),
    }));
    const platformGroups = groups.filter(({ platform }) => platform);
    const platformNodes = platformGroups.map(({ nodes }) => nodes);
    this.nodes = {
      securityGroupId: cluster.vpcConfig.clusterSecurityGroupId,
      autoscalingGroups: Object.fromEntries(
        platformGroups.map(({ group, nodes }) => [group, autoscalingGroupOf(nodes)]),
      ),
      network,
    };
    const files = sharedFiles(name, {
      clusterName: clusterIdentifier,
      cluster,
      aws,
      network,
      nodesSecurityGroupId: this.nodes.securityGroupId,
      protectData,
      child,
    });
    const rest = onNodes.map((which) => {
      const identity = which === "aws-efs-csi-driver" ? [files.mounter] : [];
      return addon(name, which, { ...shared, dependsOn: [cluster, ...platformNodes, ...identity] });
    });

    this.kubeconfig = kubeconfigOf(cluster, clusterIdentifier, aws.region);
    this.provider = new k8s.Provider(
      `${name}-provider`,
      {
        kubeconfig: this.kubeconfig,
        // Not the bare name: a cluster that was there before may have it, and a switch would then move the state and
        // leave the data behind.
        clusterIdentifier: clusterArn(aws, clusterIdentifier),
        // A changed ConfigMap or Secret is updated in place: pods find it by its fixed name.
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      // It logs in as soon as it is there, once for all. An access entry takes effect some seconds after AWS says that
      // it is made; nodes take minutes. https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
      { ...child, dependsOn: [...access, ...platformNodes] },
    );
    const inside = { ...child, provider: this.provider, dependsOn: [...access, ...platformNodes] };
    const classes = [
      new k8s.storage.v1.StorageClass(`${name}-gp3-class`, gp3Class(), inside),
      new k8s.storage.v1.StorageClass(`${name}-efs-class`, efsClass(files.fileSystem.id), inside),
    ];
    const spot = Object.values(nodeGroups).some(({ capacity }) => capacity === "spot");
    const placement = spot ? elasticPlacement(name, args.workspaces, inside) : [];

    this.controlPlane = cluster;
    this.name = clusterIdentifier;
    this.apiServer = {
      // Policies of the VPC network are checked before a Service's address is translated, and after.
      cidrs: [network.cidr, addressIn(serviceCidrOf(settings, network.cidr), 1)],
      ports: [443],
    };
    this.ready = [...access, ...platformNodes, ...rest, ...files.ready, ...classes, ...placement];
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }
}

/** What a diff of the component shows. Lists are left out: their order means nothing. */
function inputsOf({ settings, protectData }: EksClusterArgs): object {
  return { clusterIdentifier: settings.clusterIdentifier, version: settings.version, protectData };
}

function kubeconfigOf(cluster: Cluster, name: string, region: string): pulumi.Output<string> {
  return pulumi
    .all([cluster.endpoint, cluster.certificateAuthority])
    .apply(([endpoint, { data }]) => eksKubeconfig({ name, region, endpoint, certificateAuthority: data }));
}
