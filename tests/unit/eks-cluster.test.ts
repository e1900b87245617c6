import { beforeAll, describe, expect, it } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";

import { awsProvider, tagsOf } from "../../components/aws/provider.ts";
import { EksCluster } from "../../components/cluster/eks-cluster.ts";
import { serviceCidrOf } from "../../components/cluster/eks-control-plane.ts";
import { regionProblems } from "../../components/cluster/eks-settings.ts";
import { eksKubeconfig } from "../../components/cluster/kubeconfig.ts";
import { boundsNotice } from "../../components/cluster/scaling-bounds.ts";
import { sharedFilesPolicy } from "../../components/cluster/shared-files-policy.ts";
import { clusterSettings } from "../../components/cluster/settings.ts";
import { reservedSlots } from "../../components/cluster/volume-slots.ts";
import { addons } from "../../components/versions.ts";
import { problemsOf } from "../../stacks/settings/schema-problems.ts";
import { messageOf } from "../../stacks/settings/sentences.ts";
import { accountId, admin, aws, eks, eksInput, network, outline, spotGroup } from "../support/eks.ts";
import { find, type Graph, type Registration, runGraph } from "../support/graph.ts";
import { documentsOf, managedPoliciesOf, tooWide } from "../support/iam.ts";

const workspaces = { "datalab.dev/workspace": "true" };

interface Options {
  readonly settings?: Record<string, unknown>;
  readonly protectData?: boolean;
  readonly preview?: boolean;
}

function build({ settings = {}, protectData = false, preview = false }: Options = {}): Promise<Graph<EksCluster>> {
  return runGraph(
    () => {
      const provider = awsProvider("aws", aws, "prod");
      const args = { settings: eks(settings), aws, tags: tagsOf(aws, "prod"), network, workspaces, protectData };
      const cluster = new EksCluster("cluster", args, { providers: [provider] });
      const { securityGroupId, autoscalingGroups } = cluster.nodes;
      const names = Object.entries(autoscalingGroups).map(([group, { name }]) => [group, name] as const);
      const data = { securityGroupId, ...Object.fromEntries(names) };
      const opts = { provider: cluster.provider, dependsOn: [...cluster.ready] };
      new k8s.core.v1.ConfigMap("reader", { data }, opts);
      return cluster;
    },
    { preview },
  );
}

const own = ({ resources }: Graph<unknown>) => resources.filter(({ name }) => !["aws", "reader"].includes(name));
const kind = (graph: Graph<unknown>, type: string) => graph.resources.filter((resource) => resource.type === type);
const inputs = (graph: Graph<unknown>, type: string, name: string) => find(graph, type, name).inputs;
const nodeGroupType = "aws:eks/nodeGroup:NodeGroup";
const withSpot = { nodeGroups: { ...eksInput.nodeGroups, elastic: spotGroup } };

let graph: Graph<EksCluster>;

beforeAll(async () => {
  graph = await build({ settings: withSpot });
});

describe("EksCluster", () => {
  it("is these resources, each after what it needs", () => {
    const beforeNodes = "cluster-eks-pod-identity-agent cluster-kube-proxy";
    const nodeRole =
      "cluster-node-role cluster-node-role-AmazonEC2ContainerRegistryPullOnly cluster-node-role-AmazonEKSWorkerNodePolicy";
    const access = `cluster-admin-${accountId}:role/operators`;
    const ebs = "cluster-aws-ebs-csi-driver";
    const efs = "cluster-aws-efs-csi-driver";
    expect(own(graph).map(outline).toSorted()).toEqual(
      [
        "EksCluster cluster < - | ",
        "Key cluster-secrets-key < cluster | ",
        "Role cluster-role < cluster | ",
        "RolePolicyAttachment cluster-role-policy < cluster | cluster-role",
        "RolePolicy cluster-role-key < cluster | cluster-role cluster-secrets-key",
        "LogGroup cluster-logs < cluster | ",
        "Cluster cluster-control-plane < cluster | cluster-logs cluster-role cluster-role-key cluster-role-policy cluster-secrets-key",
        `AccessEntry ${access} < cluster | cluster-control-plane`,
        `AccessPolicyAssociation ${access}-policy < cluster | ${access}`,
        "Addon cluster-eks-pod-identity-agent < cluster | cluster-control-plane",
        "Addon cluster-kube-proxy < cluster | cluster-control-plane",
        "Addon cluster-vpc-cni < cluster | cluster-control-plane cluster-vpc-cni-role cluster-vpc-cni-role-policy",
        "Role cluster-vpc-cni-role < cluster | ",
        "RolePolicyAttachment cluster-vpc-cni-role-policy < cluster | cluster-vpc-cni-role",
        "Role cluster-node-role < cluster | ",
        "RolePolicyAttachment cluster-node-role-AmazonEKSWorkerNodePolicy < cluster | cluster-node-role",
        "RolePolicyAttachment cluster-node-role-AmazonEC2ContainerRegistryPullOnly < cluster | cluster-node-role",
        "LaunchTemplate cluster-permanent-template < cluster | ",
        "LaunchTemplate cluster-elastic-template < cluster | ",
        `NodeGroup cluster-permanent-nodes < cluster | cluster-control-plane ${beforeNodes} ${nodeRole} cluster-permanent-template cluster-vpc-cni`,
        `NodeGroup cluster-elastic-nodes < cluster | cluster-control-plane cluster-eks-pod-identity-agent cluster-elastic-template cluster-kube-proxy ${nodeRole} cluster-vpc-cni`,
        `Addon ${ebs} < cluster | ${ebs}-role ${ebs}-role-policy cluster-control-plane cluster-permanent-nodes`,
        `Role ${ebs}-role < cluster | `,
        `RolePolicyAttachment ${ebs}-role-policy < cluster | ${ebs}-role`,
        `Addon ${efs} < cluster | ${efs}-role ${efs}-role-policy cluster-control-plane cluster-files-mounter cluster-permanent-nodes`,
        `Role ${efs}-role < cluster | `,
        `RolePolicyAttachment ${efs}-role-policy < cluster | ${efs}-role`,
        "Addon cluster-coredns < cluster | cluster-control-plane cluster-permanent-nodes",
        "Addon cluster-metrics-server < cluster | cluster-control-plane cluster-permanent-nodes",
        "FileSystem cluster-files < cluster | ",
        "SecurityGroup cluster-files-access < cluster | ",
        "SecurityGroupIngressRule cluster-files-nfs < cluster | cluster-control-plane cluster-files-access",
        "Role cluster-files-mounter-role < cluster | ",
        "PodIdentityAssociation cluster-files-mounter < cluster | cluster-control-plane cluster-files-mounter-role",
        "FileSystemPolicy cluster-files-policy < cluster | cluster-files cluster-files-mounter-role",
        "MountTarget cluster-files-eu-west-3a < cluster | cluster-files cluster-files-access cluster-files-policy",
        "MountTarget cluster-files-eu-west-3b < cluster | cluster-files cluster-files-access cluster-files-policy",
        `kubernetes cluster-provider < cluster | ${access}-policy cluster-control-plane cluster-permanent-nodes`,
        `StorageClass cluster-gp3-class < cluster | ${access}-policy cluster-permanent-nodes`,
        `StorageClass cluster-efs-class < cluster | ${access}-policy cluster-files cluster-permanent-nodes`,
        `MutatingAdmissionPolicy cluster-placement < cluster | ${access}-policy cluster-permanent-nodes`,
        `MutatingAdmissionPolicyBinding cluster-placement-binding < cluster | ${access}-policy cluster-permanent-nodes`,
      ].toSorted(),
    );
  });

  it("uses one explicit provider for AWS, and one for what is in the cluster", () => {
    const providers = (prefix: string) =>
      new Set(
        own(graph)
          .filter(({ type }) => type.startsWith(prefix))
          .map(({ provider }) => provider),
      );
    expect(providers("aws:")).toEqual(new Set(["aws"]));
    expect(providers("kubernetes:")).toEqual(new Set(["cluster-provider"]));
    expect(inputs(graph, "pulumi:providers:kubernetes", "cluster-provider")).toMatchObject({
      // The whole ARN: a switch from another cluster of this name must replace everything.
      clusterIdentifier: "arn:aws:eks:eu-west-3:123456789012:cluster/prod",
    });
  });

  it("is ready when pods can run, resolve names and have volumes; spot nodes may be missing", () => {
    expect(
      find(graph, "kubernetes:core/v1:ConfigMap", "reader").dependencies.filter((name) => !name.includes("-files-")),
    ).toEqual([
      `cluster-admin-${accountId}:role/operators-policy`,
      "cluster-aws-ebs-csi-driver",
      "cluster-aws-efs-csi-driver",
      "cluster-control-plane",
      "cluster-coredns",
      "cluster-efs-class",
      "cluster-gp3-class",
      "cluster-metrics-server",
      "cluster-permanent-nodes",
      "cluster-placement",
      "cluster-placement-binding",
    ]);
  });

  it("says where nodes, API server and Services are", () => {
    expect(graph.result.name).toBe("prod");
    expect(graph.result.apiServer).toEqual({ cidrs: ["10.0.0.0/16", "172.20.0.1/32"], ports: [443] });
    expect(inputs(graph, "kubernetes:core/v1:ConfigMap", "reader")).toMatchObject({
      data: { securityGroupId: "nodes-of-cluster-control-plane", permanent: "machines-of-cluster-permanent-nodes" },
    });
    expect(Object.keys(graph.result.nodes.autoscalingGroups)).toEqual(["permanent"]);
  });

  it("keeps the addresses of Services apart from the network's", () => {
    expect(serviceCidrOf({}, "10.0.0.0/16")).toBe("172.20.0.0/16");
    expect(serviceCidrOf({}, "172.20.64.0/18")).toBe("10.100.0.0/16");
  });

  it("takes those that are given, and lets pods reach the API server at the first of them", async () => {
    const chosen = await build({ settings: { serviceCidr: "10.244.0.0/16" } });
    expect(inputs(chosen, "aws:eks/cluster:Cluster", "cluster-control-plane")).toMatchObject({
      kubernetesNetworkConfig: { serviceIpv4Cidr: "10.244.0.0/16" },
    });
    expect(chosen.result.apiServer.cidrs).toEqual(["10.0.0.0/16", "10.244.0.1/32"]);
  });

  it("previews whole where nothing is there yet", async () => {
    const first = await build({ settings: withSpot, preview: true });
    const names = ({ resources }: Graph<unknown>) => resources.map(({ name }) => name).toSorted();
    expect(names(first)).toEqual(names(graph));
  });
});

describe("the control plane", () => {
  const controlPlane = (of: Graph<unknown>) => inputs(of, "aws:eks/cluster:Cluster", "cluster-control-plane");

  it("is upgraded before its support ends, lets in only who is named, and encrypts Secrets", () => {
    expect(controlPlane(graph)).toEqual({
      name: "prod",
      version: "1.36",
      roleArn: "arn-of-cluster-role",
      upgradePolicy: { supportType: "STANDARD" },
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      bootstrapSelfManagedAddons: false,
      deletionProtection: false,
      enabledClusterLogTypes: ["audit", "authenticator"],
      encryptionConfig: { resources: ["secrets"], provider: { keyArn: "arn-of-cluster-secrets-key" } },
      kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: "172.20.0.0/16" },
      vpcConfig: {
        subnetIds: ["private-a", "private-b"],
        endpointPrivateAccess: true,
        endpointPublicAccess: true,
        publicAccessCidrs: ["203.0.113.0/24"],
      },
    });
  });

  it("is not public at all without networks", async () => {
    expect(controlPlane(await build({ settings: { publicAccessCidrs: [] } }))["vpcConfig"]).toEqual({
      subnetIds: ["private-a", "private-b"],
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
    });
  });

  it("lets administrators and readers in", async () => {
    const viewer = `arn:aws:iam::${accountId}:role/a/readers`;
    const both = await build({ settings: { viewers: [viewer] } });
    const policies = kind(both, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation").map(({ inputs: found }) => [
      found["principalArn"],
      found["policyArn"],
      found["accessScope"],
    ]);
    expect(policies).toEqual([
      [admin, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", { type: "cluster" }],
      [viewer, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", { type: "cluster" }],
    ]);
  });

  it("is kept, with its key and its files, where data is protected", async () => {
    const kept = await build({ protectData: true });
    expect(
      own(kept)
        .filter(({ protect }) => protect)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(["cluster-control-plane", "cluster-files", "cluster-secrets-key"]);
    expect(own(graph).some(({ protect }) => protect)).toBe(false);
    expect(controlPlane(kept)["deletionProtection"]).toBe(true);
    const window = (of: Graph<unknown>) => inputs(of, "aws:kms/key:Key", "cluster-secrets-key")["deletionWindowInDays"];
    expect([window(graph), window(kept)]).toEqual([7, 30]);
  });

  it("has logs that end", () => {
    expect(inputs(graph, "aws:cloudwatch/logGroup:LogGroup", "cluster-logs")).toEqual({
      name: "/aws/eks/prod/cluster",
      retentionInDays: 30,
    });
  });
});

describe("nodes", () => {
  it("are permanent, or elastic behind a taint that only workspaces tolerate", () => {
    expect(inputs(graph, nodeGroupType, "cluster-permanent-nodes")).toMatchObject({
      capacityType: "ON_DEMAND",
      amiType: "AL2023_x86_64_STANDARD",
      version: "1.36",
      scalingConfig: { minSize: 2, maxSize: 2, desiredSize: 2 },
      labels: {},
      taints: [],
    });
    expect(inputs(graph, nodeGroupType, "cluster-elastic-nodes")).toMatchObject({
      capacityType: "SPOT",
      // Their order means nothing to AWS.
      instanceTypes: ["m6i.xlarge", "m7i.xlarge"],
      scalingConfig: { minSize: 0, maxSize: 10, desiredSize: 0 },
      labels: { "datalab.dev/elastic": "true" },
      taints: [{ key: "datalab.dev/elastic", value: "true", effect: "NO_SCHEDULE" }],
    });
  });

  it("are as many as an autoscaler says: none of its numbers is sent again, and whoever changes one is told what to do", () => {
    expect(find(graph, nodeGroupType, "cluster-elastic-nodes").ignoreChanges).toEqual(["scalingConfig"]);
    expect(find(graph, nodeGroupType, "cluster-permanent-nodes").ignoreChanges).toEqual([]);
    const place = { region: "eu-west-3", clusterName: "prod", group: "elastic", nodeGroupName: "elastic-1a" };
    const [current, more] = [
      { minSize: 0, maxSize: 10 },
      { minSize: 0, maxSize: 12 },
    ];
    expect(boundsNotice(place, current, current)).toBeUndefined();
    expect(boundsNotice(place, current, more)).toContain(
      "--region eu-west-3 --cluster-name prod --nodegroup-name elastic-1a --scaling-config minSize=0,maxSize=12\n",
    );
    expect(boundsNotice(place, current, { ...current, minSize: 1 })).toContain("between 0 and 10");
  });

  it("on demand are of the first type that AWS has, in the operator's order", async () => {
    const preferred = { ...eksInput.nodeGroups.permanent, instanceTypes: ["m7i.xlarge", "m5.xlarge"] };
    const found = await build({ settings: { nodeGroups: { permanent: preferred } } });
    expect(inputs(found, nodeGroupType, "cluster-permanent-nodes")["instanceTypes"]).toEqual(preferred.instanceTypes);
  });

  it("whose kubelet is silent are replaced, and an update has time for all of them", () => {
    const permanent = find(graph, nodeGroupType, "cluster-permanent-nodes");
    expect(permanent.inputs).toMatchObject({ nodeRepairConfig: { enabled: true } });
    expect(permanent.updateTimeout).toBe("6h");
  });

  it("carry the labels and taints of the settings", async () => {
    const taints = [{ key: "b" }, { key: "a", value: "x", effect: "NoExecute" }];
    const own = { ...eksInput.nodeGroups.permanent, labels: { pool: "big" }, taints };
    const found = await build({ settings: { nodeGroups: { ...eksInput.nodeGroups, own } } });
    expect(inputs(found, nodeGroupType, "cluster-own-nodes")).toMatchObject({
      labels: { pool: "big" },
      taints: [
        { key: "a", value: "x", effect: "NO_EXECUTE" },
        { key: "b", value: "", effect: "NO_SCHEDULE" },
      ],
    });
    // The platform cannot run there: it neither waits for them nor sends visitors to them.
    expect(find(found, "aws:eks/addon:Addon", "cluster-coredns").dependencies).not.toContain("cluster-own-nodes");
    expect(Object.keys(found.result.nodes.autoscalingGroups)).toEqual(["permanent"]);
  });

  it("keep their credentials from pods, have encrypted disks, and everything of theirs is tagged", () => {
    const template = inputs(graph, "aws:ec2/launchTemplate:LaunchTemplate", "cluster-permanent-template");
    const tags = { team: "data", "datalab.dev/stack": "prod", Name: "prod-permanent" };
    expect(template).toEqual({
      updateDefaultVersion: true,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: 50, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: ["instance", "network-interface", "volume"].map((resourceType) => ({ resourceType, tags })),
    });
  });

  it("of one group change alone: a number, or a group in the middle", async () => {
    const groups = { a: eksInput.nodeGroups.permanent, c: spotGroup };
    const before = await build({ settings: { nodeGroups: groups } });
    const bigger = await build({ settings: { nodeGroups: { ...groups, a: { ...groups.a, min: 3 } } } });
    const more = await build({ settings: { nodeGroups: { a: groups.a, b: groups.a, c: groups.c } } });
    expect(changed(before, bigger)).toEqual(["cluster-a-nodes"]);
    expect(changed(before, more)).toEqual(["cluster-b-nodes", "cluster-b-template"]);
  });

  it("and add-ons alone follow a new minor version of Kubernetes, in place", async () => {
    const [older, newer] = [await build({ settings: { version: "1.35" } }), await build()];
    expect(changed(older, newer)).toEqual([
      "cluster",
      "cluster-control-plane",
      "cluster-kube-proxy",
      "cluster-metrics-server",
      "cluster-permanent-nodes",
    ]);
  });
});

describe("add-ons", () => {
  it("are pinned for each version, and keep what operators change", async () => {
    for (const version of ["1.35", "1.36"] as const) {
      const found = kind(await build({ settings: { version } }), "aws:eks/addon:Addon").map(
        ({ inputs: addon }) => addon,
      );
      expect(Object.fromEntries(found.map(({ addonName, addonVersion }) => [addonName, addonVersion]))).toEqual(
        addons[version],
      );
      expect(new Set(found.map(({ resolveConflictsOnUpdate }) => resolveConflictsOnUpdate))).toEqual(
        new Set(["PRESERVE"]),
      );
    }
  });

  it("enforce NetworkPolicies and tag volumes", () => {
    const configuration = (name: string) =>
      JSON.parse(String(inputs(graph, "aws:eks/addon:Addon", name)["configurationValues"])) as unknown;
    expect(configuration("cluster-vpc-cni")).toEqual({ enableNetworkPolicy: "true" });
    expect(configuration("cluster-aws-ebs-csi-driver")).toEqual({
      controller: { extraVolumeTags: { team: "data", "datalab.dev/stack": "prod" } },
      // One of the types shares its slots.
      node: { reservedVolumeAttachments: 4 },
    });
  });
});

describe("slots for volumes", () => {
  it.each<[string[], number | undefined]>([
    [["m7i.large", "r8i.24xlarge", "m7i-flex.large"], undefined],
    [["m6i.large"], 3],
    [["m7i.2xlarge", "m6i.2xlarge", "t3.medium"], 4],
    [["c5.9xlarge"], 8],
    [["m5.24xlarge"], 15],
  ])("of nodes of %j are left to network interfaces as far as they share them", (instanceTypes, expected) => {
    expect(reservedSlots({ first: { instanceTypes: ["m7i.xlarge"] }, other: { instanceTypes } })).toBe(expected);
  });

  it("are told to the driver of volumes where it counts wrong", async () => {
    const told = async (type: string) => {
      const nodeGroups = { permanent: { instanceTypes: [type], min: 2 } };
      const cluster = await build({ settings: { nodeGroups } });
      const { configurationValues } = inputs(cluster, "aws:eks/addon:Addon", "cluster-aws-ebs-csi-driver");
      return (JSON.parse(String(configurationValues)) as { node?: object }).node;
    };
    expect(await told("m6i.4xlarge")).toEqual({ reservedVolumeAttachments: 8 });
    expect(await told("m7i.4xlarge")).toBeUndefined();
  });
});

describe("rights on AWS", () => {
  it("are no wider than named actions on named resources", () => {
    expect(
      documentsOf(graph)
        .map(({ owner }) => owner)
        .toSorted(),
    ).toEqual([
      "cluster-aws-ebs-csi-driver-role",
      "cluster-aws-efs-csi-driver-role",
      "cluster-files-mounter-role",
      "cluster-node-role",
      "cluster-role",
      "cluster-role-key",
      "cluster-vpc-cni-role",
    ]);
    expect(tooWide(documentsOf(graph))).toEqual([]);
  });

  it("of AWS's own keeping are these, each for one part", () => {
    const service = "arn:aws:iam::aws:policy";
    expect(managedPoliciesOf(graph)).toEqual([
      `cluster-aws-ebs-csi-driver-role: ${service}/AmazonEBSCSIDriverPolicyV2`,
      `cluster-aws-efs-csi-driver-role: ${service}/service-role/AmazonEFSCSIDriverPolicy`,
      `cluster-node-role: ${service}/AmazonEC2ContainerRegistryPullOnly`,
      `cluster-node-role: ${service}/AmazonEKSWorkerNodePolicy`,
      `cluster-role: ${service}/AmazonEKSClusterPolicy`,
      `cluster-vpc-cni-role: ${service}/AmazonEKS_CNI_Policy`,
    ]);
  });
});

describe("storage", () => {
  it("is an encrypted disk by default", () => {
    expect(inputs(graph, "kubernetes:storage.k8s.io/v1:StorageClass", "cluster-gp3-class")).toMatchObject({
      metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  });

  it("is shared and encrypted on request, and reached by nodes alone", () => {
    expect(inputs(graph, "kubernetes:storage.k8s.io/v1:StorageClass", "cluster-efs-class")).toMatchObject({
      metadata: { name: "efs" },
      parameters: { provisioningMode: "efs-ap", fileSystemId: "cluster-files-id", directoryPerms: "700" },
      // Without either of them the file system's policy refuses.
      mountOptions: ["tls", "iam"],
    });
    expect(inputs(graph, "aws:efs/fileSystem:FileSystem", "cluster-files")).toMatchObject({ encrypted: true });
    const rules = kind(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(
      ({ inputs: rule }) => rule,
    );
    expect(rules).toEqual([
      {
        securityGroupId: "cluster-files-access-id",
        referencedSecurityGroupId: "nodes-of-cluster-control-plane",
        ipProtocol: "tcp",
        fromPort: 2049,
        toPort: 2049,
      },
    ]);
  });
});

describe("who mounts the shared files", () => {
  it("is the driver's pod on each node, in a role without any other right", () => {
    const role = "arn-of-cluster-files-mounter-role";
    expect(inputs(graph, "aws:eks/podIdentityAssociation:PodIdentityAssociation", "cluster-files-mounter")).toEqual({
      clusterName: "prod",
      namespace: "kube-system",
      serviceAccount: "efs-csi-node-sa",
      roleArn: role,
    });
    expect(managedPoliciesOf(graph).join()).not.toContain("cluster-files-mounter-role");
    const policy = inputs(graph, "aws:efs/fileSystemPolicy:FileSystemPolicy", "cluster-files-policy");
    expect(policy["fileSystemId"]).toBe("cluster-files-id");
    expect(JSON.parse(String(policy["policy"]))).toEqual(
      sharedFilesPolicy({ aws, fileSystemArn: "arn-of-cluster-files", mounterRoleArn: role }),
    );
  });
});

describe("the placement of users' services", () => {
  it("is there only where there are spot nodes", async () => {
    const name = "cluster-placement";
    expect(own(await build()).filter((resource) => resource.name.startsWith(name))).toEqual([]);
    expect(own(graph).find((resource) => resource.name === name)?.inputs).toMatchObject({
      spec: { matchConstraints: { namespaceSelector: { matchLabels: workspaces } } },
    });
  });
});

describe("the kubeconfig", () => {
  it("holds no credential, and the same text each time", () => {
    const endpoint = { name: "prod", region: "eu-west-3", endpoint: "https://a.test", certificateAuthority: "Y2E=" };
    const text = eksKubeconfig(endpoint);
    expect(text).toBe(eksKubeconfig({ ...endpoint }));
    expect(JSON.parse(text)).toMatchObject({
      "current-context": "prod",
      clusters: [{ name: "prod", cluster: { server: "https://a.test", "certificate-authority-data": "Y2E=" } }],
      users: [
        {
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              command: "aws",
              args: ["--region", "eu-west-3", "eks", "get-token", "--cluster-name", "prod", "--output", "json"],
            },
          },
        },
      ],
    });
  });
});

describe("the settings of a cluster on EKS", () => {
  const found = (changes: Record<string, unknown>) =>
    problemsOf("cluster", clusterSettings, { ...eksInput, ...changes }).map(
      (problem) => `${problem.path.slice(1).join(".")} ${messageOf(problem)}`,
    );
  const permanent = eksInput.nodeGroups.permanent;
  const groups = (group: object) => ({ nodeGroups: { ...eksInput.nodeGroups, other: { ...permanent, ...group } } });

  const subnets = [0, 1, 2, 3].map((digit) => `subnet-0${String(digit).repeat(16)}`);
  const existingNetwork = {
    ...{ kind: "existing", vpcId: `vpc-0${"1".repeat(16)}`, cidr: "10.0.0.0/16" },
    ...{ privateSubnetIds: subnets.slice(0, 2), publicSubnetIds: subnets.slice(2) },
  };

  it("accept the least there can be", () => {
    expect(found({})).toEqual([]);
    expect(found({ network: existingNetwork })).toEqual([]);
    const withPath = "role/aws-reserved/sso.amazonaws.com/eu-west-3/AWSReservedSSO_Admins_0123456789abcdef";
    expect(found({ admins: [`arn:aws:iam::${accountId}:${withPath}`] })).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "a version out of standard support",
      { version: "1.34" },
      "version has a value that is not allowed: one of 1.35, 1.36",
    ],
    ["an API server for everybody", { publicAccessCidrs: ["0.0.0.0/0"] }, "publicAccessCidrs.0 opens the API server"],
    ["nobody who may enter", { admins: [] }, "admins must hold who runs"],
    [
      "a session instead of its role",
      { admins: ["arn:aws:sts::123456789012:assumed-role/a/b"] },
      "admins.0 must be the ARN",
    ],
    [
      "a role of IAM Identity Center without its path",
      { admins: [`arn:aws:iam::${accountId}:role/AWSReservedSSO_Admins_0123456789abcdef`] },
      "admins.0 is a role of IAM Identity Center without its path",
    ],
    [
      "Services among the VPC's addresses",
      { serviceCidr: "10.0.128.0/20" },
      "serviceCidr overlaps with the VPC, 10.0.0.0/16",
    ],
    ["Services with public addresses", { serviceCidr: "100.64.0.0/16" }, "serviceCidr must be a private network"],
    ["Services with too few addresses", { serviceCidr: "10.4.0.0/25" }, "serviceCidr must be a private network"],
    ["Services beyond a private network", { serviceCidr: "172.0.0.0/11" }, "serviceCidr must be a private network"],
    [
      "a subnet twice",
      { network: { ...existingNetwork, privateSubnetIds: [subnets[0], subnets[0]] } },
      "network.privateSubnetIds.1 stands at `privateSubnetIds` already",
    ],
    [
      "a subnet that is private and public",
      { network: { ...existingNetwork, publicSubnetIds: [subnets[2], subnets[1]] } },
      "network.publicSubnetIds.1 stands at `privateSubnetIds` already",
    ],
    ["a principal with two entries", { viewers: [admin] }, "viewers.0 is an admin already"],
    [
      "a mixed-up instance type",
      groups({ instanceTypes: ["m7.large"] }),
      "nodeGroups.other.instanceTypes.0 is of no known",
    ],
    [
      "another architecture",
      groups({ instanceTypes: ["m7i.large", "m7g.large"] }),
      "nodeGroups.other.instanceTypes.1 is arm64",
    ],
    [
      "text for an instance type",
      groups({ instanceTypes: ["large"] }),
      "nodeGroups.other.instanceTypes.0 must be an instance type",
    ],
    ["no instance type", groups({ instanceTypes: [] }), "nodeGroups.other.instanceTypes must hold"],
    ["bounds that cross", groups({ min: 3, max: 2 }), "nodeGroups.other.max must not be less"],
    [
      "spot nodes that nothing leads to",
      { version: "1.35", ...withSpot },
      "nodeGroups.elastic.capacity needs Kubernetes 1.36",
    ],
    [
      "no room for the platform",
      { nodeGroups: { a: { ...permanent, min: 1, instanceTypes: ["t3.large"] } } },
      "give 2 CPUs and 8 GiB",
    ],
    ["spot nodes for the platform", { nodeGroups: { a: { ...spotGroup, min: 9 } } }, "give 0 CPUs and 0 GiB"],
    ["tainted nodes for the platform", { nodeGroups: { a: { ...permanent, taints: [{ key: "a" }] } } }, "give 0 CPUs"],
    ["no nodes", { nodeGroups: {} }, "give 0 CPUs"],
    ["a misspelt setting", { nodegroups: {} }, "nodegroups is not a setting, did you mean `nodeGroups`?"],
    ["days that CloudWatch does not have", { logDays: 31 }, "logDays must be 7, 30"],
  ])("refuse %s", (_, changes, message) => {
    expect(found(changes).join("\n")).toContain(message);
  });

  it("count the smallest of a group's types", () => {
    const mixed = { nodeGroups: { a: { ...permanent, min: 2, instanceTypes: ["m7i.4xlarge", "t3.large"] } } };
    expect(found(mixed)).toEqual([]);
    expect(found({ nodeGroups: { a: { ...mixed.nodeGroups.a, min: 1 } } }).join()).toContain("give 2 CPUs and 8 GiB");
  });

  it("fit a region, or say what does not", () => {
    expect(regionProblems(eks(), "eu-west-3")).toEqual([]);
    expect(regionProblems(eks(), "eu-west-1")).toEqual([
      { path: ["network", "zones", 0], message: "does not belong to eu-west-1, the region of `datalab:aws`" },
      { path: ["network", "zones", 1], message: "does not belong to eu-west-1, the region of `datalab:aws`" },
    ]);
    expect(regionProblems(eks(groups({ instanceTypes: ["m5.large", "m6a.large"] })), "eu-west-3")).toEqual([
      {
        path: ["nodeGroups", "other", "instanceTypes", 1],
        message: "is not offered in eu-west-3: take one like m5a.large",
      },
    ]);
  });
});

/** Resources that one graph has and the other has not, or has with other inputs. */
function changed(before: Graph<unknown>, after: Graph<unknown>): string[] {
  const texts = (of: Graph<unknown>) =>
    new Map(own(of).map(({ urn, inputs: found }: Registration) => [urn, JSON.stringify(found)]));
  const [old, now] = [texts(before), texts(after)];
  const urns = [...new Set([...old.keys(), ...now.keys()])].filter((urn) => old.get(urn) !== now.get(urn));
  return urns.map((urn) => urn.split("::").slice(1).join("::")).toSorted();
}
