/** The role by which a pipeline gets into an AWS account, without any key that is kept: GitHub proves who asks. */
import type { Graph } from "../digest/graph.ts";

/** Issuer of the tokens of GitHub Actions. @see https://docs.github.com/en/actions/concepts/security/openid-connect */
const issuer = "token.actions.githubusercontent.com";

/** Names of services in IAM, where the SDK has another. */
const serviceNames: Readonly<Record<string, string>> = {
  cloudwatch: "logs",
  efs: "elasticfilesystem",
  lb: "elasticloadbalancing",
  vpc: "ec2",
};

/** Services in IAM that somebody needs rights of who makes these resources. */
export function servicesOf(types: Iterable<string>): string[] {
  const needed = [...types].flatMap((type) => {
    const sdkName = /^aws:(\w+)\//.exec(type)?.[1];
    return sdkName === undefined ? [] : [serviceNames[sdkName] ?? sdkName];
  });
  return [...new Set(needed)].toSorted();
}

export interface RoleRequest {
  readonly accountId: string;
  /** @example "example/datalab" */
  readonly repository: string;
  /** Environment of the repository whose rules somebody must pass. */
  readonly environment: string;
}

/** Who may take the role: jobs of one environment of one repository, and nobody else. */
export function trustPolicy({ accountId, repository, environment }: RoleRequest): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: `repo:${repository}:environment:${environment}`,
          },
        },
      },
    ],
  };
}

/** What the role may do: everything in the services that the stack's resources belong to, and nothing in others. */
export function permissionsPolicy(graph: Graph): object {
  const services = servicesOf([...graph.values()].map(({ type }) => type));
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "Resources", Effect: "Allow", Action: services.map((service) => `${service}:*`), Resource: "*" },
      // Of every provider's first question.
      { Sid: "WhoAmI", Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" },
    ],
  };
}
