import { describe, expect, it } from "@jest/globals";

import { accessModel, homeUri } from "../../components/access/access-model.ts";
import { externalObjectStore } from "../../components/object-store/external-object-store.ts";
import { externalStoreSettings, objectStoreSettings } from "../../components/object-store/settings.ts";
import { storageLayout } from "../../components/object-store/storage-layout.ts";
import { runGraph } from "../support/graph.ts";

const domain = "example.test";
const least = { kind: "external", endpoint: "https://s3.elsewhere.test" };
const parse = (settings: object = {}) => externalStoreSettings.parse({ ...least, ...settings });
const accessFor = (settings: object) =>
  accessModel({ domain, realm: "datalab", storage: storageLayout(parse(settings), { domain }) });

describe("externalObjectStore", () => {
  it("is what the settings say, and creates nothing", async () => {
    const settings = parse({
      region: "eu-west-3",
      pathStyleAccess: false,
      credentialsLifetime: "2h",
      sts: { url: "https://sts.elsewhere.test/path", roleArn: "arn:aws:iam::123456789012:role/lab" },
    });
    const graph = await runGraph(() => externalObjectStore(settings));
    expect(graph.resources).toEqual([]);
    expect(graph.result).toEqual({
      endpoint: "https://s3.elsewhere.test",
      region: "eu-west-3",
      pathStyleAccess: false,
      sts: {
        url: "https://sts.elsewhere.test/path",
        durationSeconds: 7200,
        roleArn: "arn:aws:iam::123456789012:role/lab",
        roleSessionName: "datalab",
      },
    });
  });

  it("is a MinIO-compatible server in as few words as there can be", () => {
    expect(externalObjectStore(parse())).toEqual({
      endpoint: "https://s3.elsewhere.test",
      region: "us-east-1",
      pathStyleAccess: true,
      sts: {
        url: "https://s3.elsewhere.test",
        durationSeconds: 43200,
        roleArn: "",
        roleSessionName: "datalab",
      },
    });
  });
});

describe("a user's place in it", () => {
  it.each([
    [{}, "s3://user-ada/"],
    [{ bucket: "{username}" }, "s3://ada/"],
    [{ bucket: "lab.{username}.data" }, "s3://lab.ada.data/"],
    [{ bucket: "lab", prefix: "{username}/" }, "s3://lab/ada/"],
    [{ bucket: "lab", prefix: "home/u-{username}/" }, "s3://lab/home/u-ada/"],
    [{ bucket: "lab-{username}", prefix: "home/" }, "s3://lab-ada/home/"],
  ])("is where %j puts it", (settings, uri) => {
    expect(homeUri(accessFor(settings), "ada")).toBe(uri);
  });

  it("is told by a session tag only where the role asks for it", () => {
    expect(accessFor({}).objectStore.sessionTags).toBeUndefined();
    expect(accessFor({ sts: { sessionTags: true } }).objectStore.sessionTags).toEqual({
      claim: "https://aws.amazon.com/tags",
      username: "username",
    });
  });
});

describe("datalab:objectStore, external", () => {
  it.each([
    [{ endpoint: undefined }, "endpoint"],
    [{ endpoint: "http://s3.elsewhere.test" }, "endpoint"],
    [{ endpoint: "https://elsewhere.test/s3" }, "endpoint"],
    [{ sts: { roleArn: "lab" } }, "sts.roleArn"],
    [{ sts: { roleSessionName: "a" } }, "sts.roleSessionName"],
    [{ credentialsLifetime: "5m" }, "credentialsLifetime"],
    [{ bucket: "Lab-{username}" }, "bucket"],
    [{ bucket: "lab-{user}" }, "bucket"],
    [{ bucket: "lab/{username}" }, "bucket"],
    [{ bucket: "lab" }, "prefix"],
    [{ bucket: "lab", prefix: "home/" }, "prefix"],
    [{ bucket: "lab", prefix: "{username}" }, "prefix"],
    [{ bucket: "lab", prefix: "/{username}/" }, "prefix"],
    [{ bucket: "lab", prefix: "{user}/" }, "prefix"],
    [{ replicas: 4 }, ""],
  ])("refuses %j", (settings, path) => {
    const { error } = objectStoreSettings.safeParse({ ...least, ...settings });
    expect([...new Set(error?.issues.map((issue) => issue.path.join(".")))]).toEqual([path]);
  });

  it("says once what is wrong with an address", () => {
    const { error } = objectStoreSettings.safeParse({ ...least, endpoint: "s3.elsewhere.test" });
    expect(error?.issues).toHaveLength(1);
  });
});
