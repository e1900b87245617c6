import { arn, field, hex, input, joined, type Model, orDefault, type Subject } from "../model.ts";
import { object, text, texts, type Values } from "../values.ts";

const eks = (path: (subject: Subject) => string) => arn("eks", path);
const inCluster = (kind: string, name: string) =>
  eks((subject) => `${kind}/${input(subject, "clusterName")}/${input(subject, name)}/${hex(subject, 8, "arn")}`);

export const clusterModels: Readonly<Record<string, Model>> = {
  "aws:eks/cluster:Cluster": {
    id: field("name"),
    arn: eks((subject) => `cluster/${input(subject, "name")}`),
    computed: (subject) => ({
      ...orDefault(subject, { version: "1.36", bootstrapSelfManagedAddons: true, deletionProtection: false }),
      accessConfig: {
        authenticationMode: "API",
        bootstrapClusterCreatorAdminPermissions: true,
        ...object(subject.inputs["accessConfig"]),
      },
      certificateAuthority: { data: subject.controlPlane?.certificateAuthority ?? "" },
      clusterId: "",
      createdAt: "2026-11-21T12:00:00Z",
      endpoint: subject.controlPlane?.server ?? `https://${hex(subject, 32)}.gr7.${subject.region}.eks.amazonaws.com`,
      identities: [{ oidcs: [{ issuer: `https://oidc.eks.${subject.region}.amazonaws.com/id/${hex(subject, 32)}` }] }],
      kubernetesNetworkConfig: {
        ipFamily: "ipv4",
        serviceIpv4Cidr: "172.20.0.0/16",
        ...object(subject.inputs["kubernetesNetworkConfig"]),
      },
      platformVersion: "eks.7",
      status: "ACTIVE",
      upgradePolicy: { supportType: "EXTENDED", ...object(subject.inputs["upgradePolicy"]) },
      vpcConfig: {
        endpointPrivateAccess: false,
        endpointPublicAccess: true,
        publicAccessCidrs: ["0.0.0.0/0"],
        ...object(subject.inputs["vpcConfig"]),
        clusterSecurityGroupId: `sg-0${hex(subject, 16, "group")}`,
        vpcId: vpcOf(subject),
      },
    }),
    volatile: ["platformVersion"],
  },
  "aws:eks/nodeGroup:NodeGroup": {
    id: joined(":", "clusterName", "nodeGroupName"),
    arn: inCluster("nodegroup", "nodeGroupName"),
    computed: (subject) => ({
      ...orDefault(subject, {
        amiType: "AL2023_x86_64_STANDARD",
        capacityType: "ON_DEMAND",
        diskSize: 20,
        instanceTypes: ["t3.medium"],
        version: clusterVersion(subject),
      }),
      releaseVersion: `${text(subject.inputs["version"]) ?? clusterVersion(subject)}.3-20261110`,
      resources: [
        {
          autoscalingGroups: [{ name: `eks-${input(subject, "nodeGroupName")}-${hex(subject, 8, "scaling")}` }],
          remoteAccessSecurityGroupId: "",
        },
      ],
      status: "ACTIVE",
    }),
    volatile: ["releaseVersion"],
  },
  "aws:eks/addon:Addon": {
    id: joined(":", "clusterName", "addonName"),
    arn: inCluster("addon", "addonName"),
    computed: (subject) => ({
      ...orDefault(subject, { addonVersion: "v1.0.0-eksbuild.1", configurationValues: "" }),
      createdAt: "2026-11-21T12:00:00Z",
      modifiedAt: "2026-11-21T12:00:00Z",
    }),
    volatile: ["modifiedAt"],
  },
  "aws:eks/accessEntry:AccessEntry": {
    id: joined(":", "clusterName", "principalArn"),
    computed: (subject) => ({
      ...orDefault(subject, { kubernetesGroups: [], type: "STANDARD" }),
      accessEntryArn: inCluster("access-entry", "principalArn")(subject, ""),
      createdAt: "2026-11-21T12:00:00Z",
      modifiedAt: "2026-11-21T12:00:00Z",
      userName: input(subject, "userName") || input(subject, "principalArn"),
    }),
    volatile: ["modifiedAt"],
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    id: joined("#", "clusterName", "principalArn", "policyArn"),
    computed: () => ({ associatedAt: "2026-11-21T12:00:00Z", modifiedAt: "2026-11-21T12:00:00Z" }),
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    id: (subject) => `a-${hex(subject, 17)}`,
    computed: (subject, id) => ({
      associationArn: eks((s) => `podidentityassociation/${input(s, "clusterName")}/${id}`)(subject, id),
      associationId: id,
      externalId: hex(subject, 32, "external"),
    }),
  },
};

function vpcOf({ inputs, account }: Subject): string {
  const [subnet] = texts(object(inputs["vpcConfig"])["subnetIds"]);
  const outputs: Values = account.find("aws:ec2/subnet:Subnet", subnet ?? "")?.outputs ?? {};
  return text(outputs["vpcId"]) ?? "";
}

function clusterVersion({ inputs, account }: Subject): string {
  const cluster = account.find("aws:eks/cluster:Cluster", text(inputs["clusterName"]) ?? "");
  return text(cluster?.outputs["version"]) ?? "1.36";
}
