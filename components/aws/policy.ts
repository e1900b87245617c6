/** Policy documents of IAM, as plain objects. Every one of the platform is made by a function, so that tests read them all. */

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export interface Statement {
  /** What the statement is for, in letters and digits. */
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  /** Absent in a trust policy. */
  readonly Resource?: readonly string[];
  /** Whom it concerns; only in a trust policy and in one that a resource carries. */
  readonly Principal?: { readonly Service: string } | { readonly AWS: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function policyDocument(...statements: readonly Omit<Statement, "Effect">[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ Sid, ...rest }) => ({ Sid, Effect: "Allow", ...rest })),
  };
}

/** Lets a service of AWS act in a role, as long as it acts for this account. */
export function trustedService(service: string, accountId: string): PolicyDocument {
  return policyDocument({
    Sid: "Service",
    Principal: { Service: `${service}.amazonaws.com` },
    Action: ["sts:AssumeRole"],
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  });
}

/** Lets nodes act in a role. EC2 takes it for its own account alone and sends no condition key. */
export function trustedNodes(): PolicyDocument {
  return policyDocument({
    Sid: "Nodes",
    Principal: { Service: "ec2.amazonaws.com" },
    Action: ["sts:AssumeRole"],
  });
}

/** A ServiceAccount of a cluster. */
export interface PodIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Lets pods with one ServiceAccount of one cluster act in a role, by EKS Pod Identity. */
export function trustedPods(clusterArn: string, accountId: string, pod: PodIdentity): PolicyDocument {
  return policyDocument({
    Sid: "Pods",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: {
      StringEquals: {
        "aws:SourceAccount": accountId,
        "aws:RequestTag/kubernetes-namespace": pod.namespace,
        "aws:RequestTag/kubernetes-service-account": pod.serviceAccount,
      },
      ArnEquals: { "aws:SourceArn": clusterArn },
    },
  });
}

/** ARN of a cluster, known before the cluster is. */
export function clusterArn({ accountId, region }: { accountId: string; region: string }, name: string): string {
  return `arn:aws:eks:${region}:${accountId}:cluster/${name}`;
}
