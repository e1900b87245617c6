import { accountId } from "../account.ts";
import { arn, field, hex, input, type Model, orDefault, prefixed } from "../model.ts";
import { text } from "../values.ts";

/** A setting of a bucket; its id is the bucket's. */
const ofBucket: Model = { id: field("bucket") };

export const storageModels: Readonly<Record<string, Model>> = {
  "aws:s3/bucket:Bucket": {
    id: field("bucket"),
    arn: (subject) => `arn:aws:s3:::${input(subject, "bucket")}`,
    computed: (subject) => ({
      bucketDomainName: `${input(subject, "bucket")}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${input(subject, "bucket")}.s3.${subject.region}.amazonaws.com`,
      bucketRegion: subject.region,
      hostedZoneId: "Z3AQBSTGFYJSTF",
    }),
  },
  ...Object.fromEntries(
    [
      "bucketVersioning:BucketVersioning",
      "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "bucketPublicAccessBlock:BucketPublicAccessBlock",
      "bucketCorsConfiguration:BucketCorsConfiguration",
      "bucketPolicy:BucketPolicy",
      "bucketOwnershipControls:BucketOwnershipControls",
      "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "bucketLogging:BucketLogging",
    ].map((name) => [`aws:s3/${name}`, ofBucket]),
  ),
  "aws:efs/fileSystem:FileSystem": {
    id: prefixed("fs"),
    arn: arn("elasticfilesystem", (_, id) => `file-system/${id}`),
    computed: (subject, id) => ({
      ...orDefault(subject, { performanceMode: "generalPurpose", throughputMode: "bursting", encrypted: false }),
      creationToken: input(subject, "creationToken") || hex(subject, 26, "creation"),
      dnsName: `${id}.efs.${subject.region}.amazonaws.com`,
      ownerId: accountId,
    }),
  },
  "aws:efs/mountTarget:MountTarget": {
    id: prefixed("fsmt"),
    computed: (subject) => ({
      fileSystemArn: arn("elasticfilesystem", (s) => `file-system/${input(s, "fileSystemId")}`)(subject, ""),
      dnsName: `${input(subject, "fileSystemId")}.efs.${subject.region}.amazonaws.com`,
      networkInterfaceId: `eni-0${hex(subject, 16, "interface")}`,
      availabilityZoneName:
        text(subject.account.find("aws:ec2/subnet:Subnet", input(subject, "subnetId"))?.outputs["availabilityZone"]) ??
        "",
      ownerId: accountId,
    }),
  },
  "aws:efs/backupPolicy:BackupPolicy": { id: field("fileSystemId") },
  "aws:efs/fileSystemPolicy:FileSystemPolicy": { id: field("fileSystemId") },
  "aws:efs/accessPoint:AccessPoint": {
    id: prefixed("fsap"),
    arn: arn("elasticfilesystem", (_, id) => `access-point/${id}`),
  },
};
