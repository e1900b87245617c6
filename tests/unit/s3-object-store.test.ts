import { describe, expect, it } from "@jest/globals";

import { type AccessModel, accessModel, homeUri } from "../../components/access/access-model.ts";
import { clientsOf } from "../../components/identity/clients.ts";
import type { ProtocolMapper } from "../../components/identity/representations.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { lifecycleRules } from "../../components/object-store/s3-bucket.ts";
import { S3ObjectStore } from "../../components/object-store/s3-object-store.ts";
import { objectStoreSettings, s3Settings } from "../../components/object-store/settings.ts";
import { storageLayout } from "../../components/object-store/storage-layout.ts";
import { regionOf } from "../../components/portal/region.ts";
import { find, type Graph, runGraph, summary } from "../support/graph.ts";
import { regionInputs } from "../support/portal.ts";

const domain = "lab.example.test";
const accountId = "123456789012";
const bucket = "datalab-123456789012-lab-example-test";
const issuer = "auth.lab.example.test/realms/datalab";

interface Options {
  readonly settings?: object;
  readonly protectData?: boolean;
  readonly preview?: boolean;
  readonly access?: AccessModel;
}

function accessFor(settings: object = {}): AccessModel {
  const storage = storageLayout(s3Settings.parse({ kind: "s3", ...settings }), { domain, accountId });
  return accessModel({ domain, realm: "datalab", storage });
}

function build({ settings = {}, protectData, preview = false, access = accessFor(settings) }: Options = {}) {
  const args = { access, accountId, region: "eu-west-3", settings: s3Settings.parse({ kind: "s3", ...settings }) };
  return runGraph(() => new S3ObjectStore("store", { ...args, protectData }), { preview });
}

const kinds = {
  bucket: "aws:s3/bucket:Bucket",
  bucketPolicy: "aws:s3/bucketPolicy:BucketPolicy",
  cors: "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
  encryption: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  lifecycle: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  ownership: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  publicAccess: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  versioning: "aws:s3/bucketVersioning:BucketVersioning",
  realm: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
  role: "aws:iam/role:Role",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
} as const;

interface Document {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: string;
    readonly Principal?: unknown;
    readonly Action: readonly string[];
    readonly Resource?: readonly string[];
    readonly Condition?: Record<string, Record<string, unknown>>;
  }[];
}

function documentOf(graph: Graph<unknown>, type: string, name: string, field = "policy"): Document {
  return JSON.parse(String(find(graph, type, name).inputs[field])) as Document;
}

const rolePolicyOf = (graph: Graph<unknown>) => documentOf(graph, kinds.rolePolicy, "store-role-policy");
const trustOf = (graph: Graph<unknown>) => documentOf(graph, kinds.role, "store-role", "assumeRolePolicy");

describe("S3ObjectStore", () => {
  it("is one bucket with its settings, the realm as a provider of logins, and one role", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      `${kinds.realm} store-realm`,
      `${kinds.role} store-role`,
      `${kinds.rolePolicy} store-role-policy`,
      `${kinds.bucket} store-bucket`,
      `${kinds.cors} store-cors`,
      `${kinds.lifecycle} store-lifecycle`,
      `${kinds.ownership} store-ownership`,
      `${kinds.bucketPolicy} store-bucket-policy`,
      `${kinds.publicAccess} store-public-access-block`,
      `${kinds.encryption} store-encryption`,
      `${kinds.versioning} store-versioning`,
      "datalab:object-store:S3ObjectStore store",
    ]);
    const children = graph.resources.filter(({ name }) => name !== "store");
    expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set(["store"]));
    for (const { inputs } of children.filter(({ type }) => type.startsWith("aws:s3/"))) {
      expect(inputs).toMatchObject({ bucket });
    }
  });

  it("says everything in the first preview", async () => {
    const withInputs = async (preview: boolean) =>
      (await build({ preview })).resources.map(({ type, name, inputs }) => ({ type, name, inputs }));
    expect(await withInputs(true)).toEqual(await withInputs(false));
  });

  it("changes the access to the bucket one step after the other: S3 refuses two at once", async () => {
    const graph = await build();
    const waitsFor = (type: string, name: string) => find(graph, type, name).dependencies;
    expect(waitsFor(kinds.ownership, "store-ownership")).toEqual(["store-bucket"]);
    expect(waitsFor(kinds.publicAccess, "store-public-access-block")).toEqual(["store-bucket", "store-ownership"]);
    expect(waitsFor(kinds.bucketPolicy, "store-bucket-policy")).toEqual(["store-bucket", "store-public-access-block"]);
    expect(waitsFor(kinds.lifecycle, "store-lifecycle")).toEqual(["store-bucket", "store-versioning"]);
    expect(waitsFor(kinds.role, "store-role")).toEqual(["store-realm"]);
    expect(waitsFor(kinds.rolePolicy, "store-role-policy")).toEqual(["store-role"]);
  });

  it("is closed, encrypted, and keeps what was overwritten", async () => {
    const graph = await build();
    expect(find(graph, kinds.publicAccess, "store-public-access-block").inputs).toEqual({
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(find(graph, kinds.ownership, "store-ownership").inputs).toMatchObject({
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    expect(find(graph, kinds.encryption, "store-encryption").inputs).toMatchObject({
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, blockedEncryptionTypes: ["SSE-C"] }],
    });
    expect(find(graph, kinds.versioning, "store-versioning").inputs).toMatchObject({
      versioningConfiguration: { status: "Enabled" },
    });
  });

  it("refuses whoever comes without TLS", async () => {
    expect(documentOf(await build(), kinds.bucketPolicy, "store-bucket-policy").Statement).toEqual([
      {
        Sid: "EncryptedTransportOnly",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("answers the portal's pages, those of no other site", async () => {
    expect(find(await build(), kinds.cors, "store-cors").inputs["corsRules"]).toEqual([
      expect.objectContaining({
        allowedOrigins: ["https://datalab.lab.example.test"],
        allowedMethods: ["DELETE", "GET", "HEAD", "POST", "PUT"],
        allowedHeaders: ["*"],
        exposeHeaders: expect.arrayContaining(["ETag"]),
      }),
    ]);
  });

  it.each([true, false])(
    "protects the bucket, and otherwise lets it go with all that is in it: %s",
    async (protectData) => {
      const graph = await build({ protectData });
      expect(graph.resources.filter(({ protect }) => protect).map(({ name }) => name)).toEqual(
        protectData ? ["store-bucket"] : [],
      );
      expect(find(graph, kinds.bucket, "store-bucket").inputs["forceDestroy"]).toBe(!protectData);
    },
  );

  it("is reached in its region, by host name", async () => {
    const { result } = await build({ settings: { credentialsLifetime: "2h" } });
    const { endpoint, region, pathStyleAccess, sts } = result;
    expect({ endpoint, region, pathStyleAccess, sts }).toEqual({
      endpoint: "https://s3.eu-west-3.amazonaws.com",
      region: "eu-west-3",
      pathStyleAccess: false,
      sts: {
        url: "https://sts.eu-west-3.amazonaws.com",
        durationSeconds: 7200,
        roleArn: `arn:aws:iam::${accountId}:role/${bucket}`,
        roleSessionName: "datalab",
      },
    });
  });

  it.each([
    ["15m", 3600],
    ["1h", 3600],
    ["12h", 43_200],
  ])("lets sessions of %s fit into the role's maximum", async (credentialsLifetime, maximum) => {
    const graph = await build({ settings: { credentialsLifetime } });
    expect(find(graph, kinds.role, "store-role").inputs).toMatchObject({ name: bucket, maxSessionDuration: maximum });
    expect(graph.result.sts.durationSeconds).toBeLessThanOrEqual(maximum);
  });

  it("refuses an access model for another store, before anything is made", async () => {
    const minio = accessModel({ domain, realm: "datalab" });
    const shared = accessFor();
    const perUser = { ...shared, home: minio.home };
    const untagged = { ...shared, objectStore: minio.objectStore };
    const bucketEach = { ...shared, home: { ...shared.home, bucket: "user-{username}" } };
    const noPlace = { ...shared, home: { ...shared.home, prefix: "all/" } };
    for (const access of [minio, perUser, untagged, bucketEach, noPlace])
      await expect(build({ access })).rejects.toThrow(/storageLayout/);
  });
});

describe("the role of a login", () => {
  it("is for tokens of the realm that were made for the store, and say whose they are", async () => {
    const graph = await build();
    expect(find(graph, kinds.realm, "store-realm").inputs).toMatchObject({
      url: `https://${issuer}`,
      clientIdLists: ["onyxia-minio"],
      thumbprintLists: [expect.stringMatching(/^[0-9a-f]{40}$/)],
    });
    expect(trustOf(graph).Statement).toEqual([
      {
        Sid: "RealmLogin",
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${issuer}` },
        Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        Condition: {
          StringEquals: { [`${issuer}:aud`]: "onyxia-minio" },
          StringLike: { "aws:RequestTag/username": "?*" },
          "ForAllValues:StringEquals": { "aws:TagKeys": ["username"] },
        },
      },
    ]);
  });

  it("opens the own prefix, and of the bucket no more than where it is", async () => {
    const { Statement } = rolePolicyOf(await build());
    const own = "user-${aws:PrincipalTag/username}/*";
    expect(Statement.map(({ Sid, Resource, Condition }) => ({ Sid, Resource, Condition }))).toEqual([
      { Sid: "BucketLocation", Resource: [`arn:aws:s3:::${bucket}`], Condition: undefined },
      { Sid: "ListOwnPrefix", Resource: [`arn:aws:s3:::${bucket}`], Condition: { StringLike: { "s3:prefix": [own] } } },
      { Sid: "OwnObjects", Resource: [`arn:aws:s3:::${bucket}/${own}`], Condition: undefined },
    ]);
    expect(Statement.map(({ Action }) => Action).slice(0, 2)).toEqual([
      ["s3:GetBucketLocation"],
      ["s3:ListBucket", "s3:ListBucketVersions"],
    ]);
    expect(Statement[2]?.Action).toEqual(
      expect.arrayContaining([
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ]),
    );
  });

  it("grants single actions, on single resources, and nothing that touches the bucket's own settings", async () => {
    const graph = await build();
    const statements = [rolePolicyOf(graph), trustOf(graph)].flatMap(({ Statement }) => Statement);
    for (const { Effect, Action, Resource } of statements) {
      expect(Effect).toBe("Allow");
      expect(Action.filter((action) => action.includes("*"))).toEqual([]);
      expect(Resource ?? []).not.toContain("*");
    }
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /Bucket(?!Location|Versions)/.test(action))).toEqual(["s3:ListBucket"]);
    expect(actions.filter((action) => /ACL|Acl|BypassGovernance|Retention|LegalHold|Iam|iam/.test(action))).toEqual([]);
  });
});

describe("the triangle of realm, role and portal", () => {
  const mappersOf = (access: AccessModel): readonly ProtocolMapper[] => {
    const clients = clientsOf(access, identitySettings.parse({}));
    return clients.find(({ clientId }) => clientId === access.objectStore.clientId)?.protocolMappers ?? [];
  };

  it("agrees on the tag: the realm writes what the role reads, and the portal points where that leads", async () => {
    const tag = "person";
    const plain = accessFor({ bucket: "shared-bucket" });
    const access: AccessModel = {
      ...plain,
      home: { bucket: "shared-bucket", prefix: "home/{username}/" },
      objectStore: { ...plain.objectStore, sessionTags: { claim: "https://aws.amazon.com/tags", username: tag } },
    };
    const graph = await build({ access });
    const [user, transitive] = mappersOf(access).filter(({ name }) => name.startsWith("session-tags"));
    expect(user?.config).toMatchObject({
      "user.attribute": "username",
      "claim.name": "https://aws\\.amazon\\.com/tags.principal_tags.person",
      "access.token.claim": "true",
      "id.token.claim": "false",
    });
    expect(transitive?.config).toMatchObject({ "claim.value": '["person"]' });
    expect(trustOf(graph).Statement[0]?.Condition).toMatchObject({
      StringEquals: { [`${issuer}:aud`]: mappersOf(access)[0]?.config["included.custom.audience"] },
      StringLike: { "aws:RequestTag/person": "?*" },
    });
    const own = rolePolicyOf(graph).Statement[2]?.Resource?.[0];
    expect(own).toBe("arn:aws:s3:::shared-bucket/home/${aws:PrincipalTag/person}/*");

    const region = regionOf({ ...regionInputs(), access, objectStore: graph.result });
    expect(region.data.S3).toMatchObject({
      URL: "https://s3.eu-west-3.amazonaws.com",
      region: "eu-west-3",
      pathStyleAccess: false,
      sts: { URL: "https://sts.eu-west-3.amazonaws.com", role: { roleARN: graph.result.sts.roleArn } },
    });
    const [bookmark] = region.data.S3.bookmarks;
    const uri = "ada".replace(new RegExp(bookmark?.includedClaimPattern ?? ""), bookmark?.s3Uri ?? "");
    expect(uri).toBe("s3://shared-bucket/home/ada/");
    expect(`${uri}*`).toBe(own?.replace("arn:aws:s3:::", "s3://").replace("${aws:PrincipalTag/person}", "ada"));
  });

  it("has no tags in tokens for a store that reads none", () => {
    expect(mappersOf(accessModel({ domain, realm: "datalab" })).map(({ name }) => name)).toEqual([
      "audience",
      "policy",
    ]);
    expect(mappersOf(accessFor()).map(({ name }) => name)).toEqual([
      "audience",
      "policy",
      "session-tags",
      "session-tags-transitive",
    ]);
  });
});

describe("the bucket's name", () => {
  const layout = (settings: object, platform: { domain: string; accountId?: string }) =>
    storageLayout(s3Settings.parse({ kind: "s3", ...settings }), platform).home;

  it("is of the account and the domain, unless the settings have one", () => {
    expect(layout({}, { domain, accountId })).toEqual({ bucket, prefix: "user-{username}/" });
    expect(layout({ bucket: "my-own" }, { domain }).bucket).toBe("my-own");
    expect(homeUri(accessFor(), "ada")).toBe(`s3://${bucket}/user-ada/`);
  });

  it("is one that S3 takes, however long the domain is", () => {
    // The 63rd character is a hyphen.
    const long = layout({}, { domain: `${"a".repeat(41)}.example.org`, accountId }).bucket;
    expect(long).toBe(`datalab-${accountId}-${"a".repeat(41)}`);
    expect(s3Settings.safeParse({ kind: "s3", bucket: long }).success).toBe(true);
  });

  it("cannot be made up without an account", () => {
    expect(() => layout({}, { domain })).toThrow(/objectStore\.bucket is missing[^]*datalab:aws\.accountId/);
  });
});

describe("the life of objects", () => {
  const rulesOf = (lifecycle: object = {}) =>
    lifecycleRules(s3Settings.parse({ kind: "s3", lifecycle }).lifecycle).map(({ filter, status, ...rule }) => {
      expect({ filter, status }).toEqual({ filter: { prefix: "" }, status: "Enabled" });
      return rule;
    });

  it("ends for old versions and abandoned uploads alone", () => {
    expect(rulesOf()).toEqual([
      { id: "abandoned-uploads", abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
      {
        id: "noncurrent-versions",
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        expiration: { expiredObjectDeleteMarker: true },
      },
    ]);
  });

  it("follows the settings", () => {
    expect(rulesOf({ noncurrentVersionDays: 365, abandonedUploadDays: 30, intelligentTiering: true })).toMatchObject([
      { abortIncompleteMultipartUpload: { daysAfterInitiation: 30 } },
      { id: "intelligent-tiering", transitions: [{ days: 0, storageClass: "INTELLIGENT_TIERING" }] },
      { noncurrentVersionExpiration: { noncurrentDays: 365 } },
    ]);
  });
});

describe("datalab:objectStore, s3", () => {
  it("needs nothing but its kind", () => {
    expect(objectStoreSettings.parse({ kind: "s3" })).toEqual({
      kind: "s3",
      credentialsLifetime: "12h",
      lifecycle: { noncurrentVersionDays: 30, abandonedUploadDays: 7, intelligentTiering: false },
    });
  });

  it.each([
    [{ bucket: "ab" }, "bucket"],
    [{ bucket: "a".repeat(64) }, "bucket"],
    [{ bucket: "with.dots" }, "bucket"],
    [{ bucket: "-hyphen" }, "bucket"],
    [{ credentialsLifetime: "10m" }, "credentialsLifetime"],
    [{ credentialsLifetime: "13h" }, "credentialsLifetime"],
    [{ lifecycle: { noncurrentVersionDays: 0 } }, "lifecycle.noncurrentVersionDays"],
    [{ lifecycle: { abandonedUploadDays: 1.5 } }, "lifecycle.abandonedUploadDays"],
    [{ lifecycle: { abandonedUploadDays: 0 } }, "lifecycle.abandonedUploadDays"],
    [{ lifecycle: { abandonedUploadDays: 366 } }, "lifecycle.abandonedUploadDays"],
    [{ console: true }, ""],
  ])("refuses %j", (settings, path) => {
    const { error } = objectStoreSettings.safeParse({ kind: "s3", ...settings });
    expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});
