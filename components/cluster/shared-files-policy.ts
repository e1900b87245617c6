import type { PolicyDocument } from "../aws/policy.ts";
import type { AwsSettings } from "../aws/settings.ts";

export interface SharedFilesPolicyArgs {
  readonly aws: Pick<AwsSettings, "accountId" | "region">;
  readonly fileSystemArn: string;
  /** Role of the driver's pods that mount. */
  readonly mounterRoleArn: string;
}

/**
 * Who may mount the file system: the driver, encrypted, one volume at a time. Without a policy it is whoever reaches a
 * mount target, and the whole of it. Nobody here is root on it: each volume has a user of its own, and AWS makes its
 * directory at the first mount.
 *
 * Of conditions EFS knows only these for mounts (and `aws:SourceIp` of public addresses): any other, such as
 * `aws:PrincipalArn`, would be ignored.
 * @see https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
 * @see https://docs.aws.amazon.com/efs/latest/ug/access-points-iam-policy.html
 */
export function sharedFilesPolicy({ aws, fileSystemArn, mounterRoleArn }: SharedFilesPolicyArgs): PolicyDocument {
  const accessPoints = `arn:aws:elasticfilesystem:${aws.region}:${aws.accountId}:access-point/*`;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "EncryptedOnly",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: client("Mount", "RootAccess", "Write"),
        Resource: [fileSystemArn],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Sid: "DriverThroughAccessPoints",
        Effect: "Allow",
        Principal: { AWS: mounterRoleArn },
        Action: client("Mount", "Write"),
        Resource: [fileSystemArn],
        Condition: {
          Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" },
          StringLike: { "elasticfilesystem:AccessPointArn": accessPoints },
        },
      },
    ],
  };
}

function client(...rights: readonly string[]): string[] {
  return rights.map((right) => `elasticfilesystem:Client${right}`);
}
