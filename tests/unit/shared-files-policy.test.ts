import { describe, expect, it } from "@jest/globals";

import { sharedFilesPolicy } from "../../components/cluster/shared-files-policy.ts";
import { accountId, region } from "../support/eks.ts";
import { allowedBy, type Document } from "../support/iam.ts";

const driver = `arn:aws:iam::${accountId}:role/driver`;
const node = `arn:aws:iam::${accountId}:role/node`;
const fileSystemArn = `arn:aws:elasticfilesystem:${region}:${accountId}:file-system/fs-1`;
const document = sharedFilesPolicy({ aws: { accountId, region }, fileSystemArn, mounterRoleArn: driver });
const statements: Document["statements"] = JSON.parse(JSON.stringify(document.Statement)) as Document["statements"];

const encrypted = { "aws:SecureTransport": "true" };
const mounted = { "elasticfilesystem:AccessedViaMountTarget": "true" };
const volume = {
  "elasticfilesystem:AccessPointArn": `arn:aws:elasticfilesystem:${region}:${accountId}:access-point/fsap-1`,
};
const elsewhere = {
  "elasticfilesystem:AccessPointArn": `arn:aws:elasticfilesystem:${region}:210987654321:access-point/fsap-1`,
};

/** What of mount, write and root somebody gets. */
function rights(role: string | undefined, ...contexts: readonly Readonly<Record<string, string>>[]): string[] {
  const context = Object.assign({ "aws:SecureTransport": "false" }, ...contexts) as Record<string, string>;
  return ["Mount", "Write", "RootAccess"].filter((right) =>
    allowedBy(statements, { role, action: `elasticfilesystem:Client${right}`, resource: fileSystemArn, context }),
  );
}

describe("the policy of the shared files", () => {
  it("lets the driver mount a volume and write, as the volume's user", () => {
    expect(rights(driver, encrypted, mounted, volume)).toEqual(["Mount", "Write"]);
  });

  it.each<[string, string[]]>([
    ["a pod's own NFS client, for the whole of it", rights(undefined, mounted)],
    ["a client that encrypts and does not say who it is", rights(undefined, encrypted, mounted)],
    ["such a client with a neighbour's access point", rights(undefined, encrypted, mounted, volume)],
    ["whoever has the node's role", rights(node, encrypted, mounted, volume)],
    ["the driver without encryption", rights(driver, mounted, volume)],
    ["the driver for the whole of it", rights(driver, encrypted, mounted)],
    ["the driver past the mount targets", rights(driver, encrypted, volume)],
    ["the driver through an access point of another account", rights(driver, encrypted, mounted, elsewhere)],
  ])("refuses %s", (_, found) => {
    expect(found).toEqual([]);
  });

  it("conditions mounts by nothing that EFS would ignore", () => {
    const keys = statements.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys));
    expect(keys.toSorted()).toEqual([
      "aws:SecureTransport",
      "elasticfilesystem:AccessPointArn",
      "elasticfilesystem:AccessedViaMountTarget",
    ]);
  });
});
