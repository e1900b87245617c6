import { describe, expect, it } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import { ownBucketPolicy } from "../../components/object-store/bucket-policy.ts";

const access = accessModel({ domain: "example.org", realm: "datalab" });

describe("the policy of a login", () => {
  const { Version, Statement } = ownBucketPolicy(access);
  const allowed = Statement.filter(({ Effect }) => Effect === "Allow");

  it("names the own bucket, and what is in it, by the claim that the server fills in", () => {
    expect(Version).toBe("2012-10-17");
    expect(allowed.flatMap(({ Resource }) => Resource)).toEqual([
      "arn:aws:s3:::user-${jwt:preferred_username}",
      "arn:aws:s3:::user-${jwt:preferred_username}/*",
    ]);
  });

  it("follows the access model", () => {
    const other = {
      ...access,
      home: { bucket: "home-{username}", prefix: "" },
      claims: { ...access.claims, username: "login" },
    };
    expect(ownBucketPolicy(other).Statement[0]?.Resource).toEqual(["arn:aws:s3:::home-${jwt:login}"]);
  });

  it("grants single actions, neither all of them nor any outside of a bucket", () => {
    const actions = allowed.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
    expect(actions).toEqual(expect.arrayContaining(["s3:CreateBucket", "s3:ListBucket", "s3:DeleteObjectVersion"]));
    expect(actions).not.toContain("s3:ListAllMyBuckets");
    expect(new Set(actions).size).toBe(actions.length);
  });

  it("denies administration, even of the own keys", () => {
    expect(Statement.filter(({ Effect }) => Effect === "Deny")).toEqual([
      { Sid: "NoLastingKeys", Effect: "Deny", Action: ["admin:*"] },
    ]);
  });

  it("lets the user share only where the settings say so", () => {
    const sharing = ["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"];
    const withSharing = ownBucketPolicy(access, { publicSharing: true }).Statement[0];
    expect(Statement[0]?.Action).toEqual(expect.not.arrayContaining(sharing));
    expect(withSharing?.Action).toEqual([...(Statement[0]?.Action ?? []), ...sharing].toSorted());
    expect(withSharing?.Resource).toEqual(["arn:aws:s3:::user-${jwt:preferred_username}"]);
  });
});
