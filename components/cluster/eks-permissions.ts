/** What the cluster's own parts may do on AWS. Why each statement exists stands in docs/cluster.md. */
import { type PodIdentity, type PolicyDocument, policyDocument } from "../aws/policy.ts";

/** Policies that AWS keeps, for the parts that AWS makes. */
export const managedPolicies = {
  cluster: ["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"],
  node: [
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
  ],
} as const;

/** The control plane encrypts Secrets with this one key. */
export function secretsKeyPolicy(keyArn: string): PolicyDocument {
  return policyDocument({
    Sid: "EncryptSecrets",
    Action: ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"],
    Resource: [keyArn],
  });
}

/** An add-on that calls AWS: its ServiceAccount, and the policy that AWS keeps for it. */
export interface AddonIdentity extends PodIdentity {
  readonly policyArn: string;
}

const namespace = "kube-system";

/** Add-ons that call AWS, each in a role of its own. */
export const addonIdentities = {
  "vpc-cni": {
    namespace,
    serviceAccount: "aws-node",
    policyArn: "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
  },
  "aws-ebs-csi-driver": {
    namespace,
    serviceAccount: "ebs-csi-controller-sa",
    // The second version is bound to volumes that carry the driver's own tag.
    policyArn: "arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2",
  },
  "aws-efs-csi-driver": {
    namespace,
    serviceAccount: "efs-csi-controller-sa",
    policyArn: "arn:aws:iam::aws:policy/service-role/AmazonEFSCSIDriverPolicy",
  },
} as const satisfies Record<string, AddonIdentity>;

/**
 * The EFS driver's pod on each node, which mounts. Its role has no policy: the file system names it.
 * @see https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/iam-policy-create.md
 */
export const filesMounter = { namespace, serviceAccount: "efs-csi-node-sa" } as const satisfies PodIdentity;

/** Policies of the cluster's own access entries. */
export const accessPolicies = {
  admin: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
  // Reads what people read; Secrets are not among it.
  viewer: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
} as const;
