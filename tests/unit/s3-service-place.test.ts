import { describe, expect, it } from "@jest/globals";

import { s3Settings } from "../../components/object-store/settings.ts";
import { S3ServicePlace } from "../../components/object-store/s3-service-place.ts";
import { servicePlaceBucket } from "../../components/object-store/storage-layout.ts";
import { find, type Graph, runGraph, summary } from "../support/graph.ts";

const account = { accountId: "123456789012", region: "eu-west-3" };
const bucket = "datalab-packages-123456789012-example-org";
const { lifecycle } = s3Settings.parse({ kind: "s3" });

function build(protectData = false) {
  const client = { namespace: "datalab-packages", workload: "packages" };
  const args = { client, bucket, clusterName: "prod", ...account, lifecycle, protectData };
  return runGraph(() => new S3ServicePlace("place", args));
}

const document = (graph: Graph<unknown>, type: string, name: string, field: string): unknown =>
  (JSON.parse(String(find(graph, type, name).inputs[field])) as { Statement: unknown }).Statement;

describe("S3ServicePlace", () => {
  it("is a closed bucket, a role and its association with the part's pods", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      "aws:eks/podIdentityAssociation:PodIdentityAssociation place-association",
      "aws:iam/role:Role place-role",
      "aws:iam/rolePolicy:RolePolicy place-role-policy",
      "aws:s3/bucket:Bucket place-bucket",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration place-lifecycle",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls place-ownership",
      "aws:s3/bucketPolicy:BucketPolicy place-bucket-policy",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock place-public-access-block",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration place-encryption",
      "aws:s3/bucketVersioning:BucketVersioning place-versioning",
      "datalab:object-store:S3ServicePlace place",
    ]);
    expect(find(graph, "aws:eks/podIdentityAssociation:PodIdentityAssociation", "place-association").inputs).toEqual(
      expect.objectContaining({ clusterName: "prod", namespace: "datalab-packages", serviceAccount: "packages" }),
    );
    expect(graph.result).toMatchObject({ bucket, region: "eu-west-3", access: { kind: "podIdentity" } });
  });

  it("opens to five actions of this cluster's pods with this ServiceAccount", async () => {
    const graph = await build();
    expect(document(graph, "aws:iam/rolePolicy:RolePolicy", "place-role-policy", "policy")).toEqual([
      { Sid: "ServiceBucket", Effect: "Allow", Action: ["s3:ListBucket"], Resource: [`arn:aws:s3:::${bucket}`] },
      {
        Sid: "ServiceObjects",
        Effect: "Allow",
        Action: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
        Resource: [`arn:aws:s3:::${bucket}/*`],
      },
    ]);
    expect(document(graph, "aws:iam/role:Role", "place-role", "assumeRolePolicy")).toEqual([
      expect.objectContaining({
        Principal: { Service: "pods.eks.amazonaws.com" },
        Condition: {
          StringEquals: {
            "aws:SourceAccount": account.accountId,
            "aws:RequestTag/kubernetes-namespace": "datalab-packages",
            "aws:RequestTag/kubernetes-service-account": "packages",
          },
          ArnEquals: { "aws:SourceArn": "arn:aws:eks:eu-west-3:123456789012:cluster/prod" },
        },
      }),
    ]);
  });

  it("keeps its bucket where data is protected", async () => {
    const bucketOf = (graph: Graph<unknown>) => find(graph, "aws:s3/bucket:Bucket", "place-bucket");
    expect(bucketOf(await build(true))).toMatchObject({ protect: true, inputs: { forceDestroy: false } });
    expect(bucketOf(await build())).toMatchObject({ inputs: { forceDestroy: true } });
  });
});

describe("the bucket's name", () => {
  const nameIn = (domain: string) => servicePlaceBucket("datalab-packages", { domain, accountId: account.accountId });

  it("says whose it is", () => {
    expect(nameIn("example.org")).toBe(bucket);
  });

  it("is another one for each domain, however long that is", () => {
    const long = "a-department-of-a-faculty-of-a-university-with-a-name";
    const names = [nameIn(`${long}.example.org`), nameIn(`${long}.example.net`)];
    expect(new Set(names).size).toBe(2);
    for (const name of names)
      expect(name).toMatch(/^datalab-packages-123456789012-a-department[-a-z0-9]+-[0-9a-f]{8}$/);
    expect(Math.max(...names.map(({ length }) => length))).toBeLessThanOrEqual(63);
  });
});
