import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";

import { Account } from "../support/aws-provider/account.ts";
import { checkFields } from "../support/aws-provider/check-shape.ts";
import { immutable } from "../../commands/digest/immutable-aws.ts";
import { models, outputsOf } from "../support/aws-provider/models/index.ts";
import { RecordingAws } from "../support/aws-provider/provider.ts";
import { contains } from "../support/aws-provider/rules.ts";
import { loadSdk, type Sdk, type Shape } from "../support/aws-provider/sdk.ts";
import { unknown, type Value, type Values } from "../support/aws-provider/values.ts";

let sdk: Sdk;
let folder: string;
let account: Account;
let aws: RecordingAws;

beforeAll(async () => {
  sdk = await loadSdk();
}, 60_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "datalab-account-"));
  account = new Account(folder);
  aws = new RecordingAws(sdk, account);
  aws.configure({ region: "eu-west-1", defaultTags: { tags: { platform: "datalab" } } });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const tokens = {
  vpc: "aws:ec2/vpc:Vpc",
  subnet: "aws:ec2/subnet:Subnet",
  role: "aws:iam/role:Role",
  cluster: "aws:eks/cluster:Cluster",
  nodeGroup: "aws:eks/nodeGroup:NodeGroup",
  template: "aws:ec2/launchTemplate:LaunchTemplate",
} as const;

function urn(token: string, name: string): string {
  return `urn:pulumi:prod::datalab::datalab:cluster:EksCluster$${token}::${name}`;
}

function reasons(token: string, inputs: Values): string[] {
  return aws.check(token, urn(token, "one"), inputs).failures.map(({ property, reason }) => `${property}: ${reason}`);
}

async function create(token: string, name: string, inputs: Values, preview = false) {
  const { inputs: checked, failures } = aws.check(token, urn(token, name), inputs);
  expect(failures).toEqual([]);
  return { inputs: checked, ...(await aws.create({ token, urn: urn(token, name), name, inputs: checked, preview })) };
}

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "eks.amazonaws.com" } }],
});

/** A network, a cluster in it, and a node group. */
async function cluster(version = "1.35") {
  const vpc = await create(tokens.vpc, "vpc", { cidrBlock: "10.0.0.0/16" });
  const subnet = (zone: string, index: number) =>
    create(tokens.subnet, zone, {
      vpcId: vpc.id,
      cidrBlock: `10.0.${index}.0/24`,
      availabilityZone: `eu-west-1${zone}`,
    });
  const subnets = [await subnet("a", 0), await subnet("b", 1)];
  const subnetIds = subnets.map(({ id }) => id);
  const role = await create(tokens.role, "role", { assumeRolePolicy: trust });
  const roleArn = role.outputs["arn"] as string;
  const made = await create(tokens.cluster, "cluster", { name: "prod", version, roleArn, vpcConfig: { subnetIds } });
  const group = await create(tokens.nodeGroup, "permanent", {
    clusterName: "prod",
    nodeGroupName: "permanent",
    nodeRoleArn: roleArn,
    subnetIds,
    scalingConfig: { minSize: 1, desiredSize: 2, maxSize: 3 },
  });
  return { vpc, subnets, role, cluster: made, group };
}

describe("what the typed SDK knows", () => {
  it("is read for the version that is installed", () => {
    expect(Object.keys(sdk.resources).length).toBeGreaterThan(1500);
    expect(sdk.resources[tokens.nodeGroup]?.inputs["scalingConfig"]).toEqual({
      shape: { kind: "type", name: "inputs.eks.NodeGroupScalingConfig" },
      optional: false,
    });
    expect(sdk.types["inputs.eks.NodeGroupScalingConfig"]?.["maxSize"]).toEqual({
      shape: { kind: "number" },
      optional: false,
    });
  });

  it("leaves no type without a declaration", () => {
    const fields = [
      sdk.provider,
      ...Object.values(sdk.types),
      ...Object.values(sdk.resources).flatMap(({ inputs, outputs }) => [inputs, outputs]),
    ];
    const names = fields.flatMap((one) => Object.values(one).flatMap(({ shape }) => typeNames(shape)));
    expect(names.length).toBeGreaterThan(10_000);
    expect([...new Set(names)].filter((name) => sdk.types[name] === undefined)).toEqual([]);
  });

  it("holds every field that is called immutable", () => {
    for (const [token, paths] of Object.entries(immutable)) {
      for (const path of paths)
        expect({ token, path, known: hasInput(token, path) }).toEqual({ token, path, known: true });
    }
  });

  it("holds every output that is decided here", () => {
    for (const token of Object.keys(models)) {
      const declaration = sdk.resources[token];
      expect({ token, declared: declaration !== undefined }).toEqual({ token, declared: true });
      if (declaration === undefined) continue;
      const inputs = Object.fromEntries(
        Object.entries(declaration.inputs).map(([name, { shape }]) => [name, sample(shape)]),
      );
      const subject = {
        token,
        name: "one",
        seed: "seed",
        inputs: {},
        region: "eu-west-1",
        account,
        controlPlane: undefined,
      };
      for (const given of [{}, inputs]) {
        const outputs = outputsOf(sdk, { ...subject, inputs: given }, "id", {});
        // What is only an input, such as `namePrefix`, may stay.
        const own = Object.entries(outputs).filter(([name]) => name in declaration.outputs || !(name in given));
        expect({ token, failures: checkFields(sdk, declaration.outputs, Object.fromEntries(own)) }).toEqual({
          token,
          failures: [],
        });
      }
    }
  });
});

describe("check", () => {
  const group: Values = {
    clusterName: "prod",
    nodeRoleArn: "arn:aws:iam::aws:role/one",
    subnetIds: ["subnet-1"],
    scalingConfig: { desiredSize: 1, minSize: 1, maxSize: 1 },
  };

  it("takes what the SDK's types allow", () => {
    expect(reasons(tokens.nodeGroup, group)).toEqual([]);
    expect(
      reasons(tokens.nodeGroup, { ...group, labels: { a: "b" }, taints: [{ key: "a", effect: "NO_SCHEDULE" }] }),
    ).toEqual([]);
  });

  it("takes values that are not known yet, at every depth", () => {
    expect(reasons(tokens.nodeGroup, { ...group, subnetIds: [unknown], scalingConfig: unknown })).toEqual([]);
  });

  it.each<[string, Values, string]>([
    ["a token", {}, "the SDK knows no aws:eks/nodes:Nodes"],
    ["a field", { ...group, size: 1 }, "size: the SDK knows no such field"],
    [
      "a nested field",
      { ...group, scalingConfig: { desiredSize: 1, minSize: 1, maxSize: 1, size: 1 } },
      "scalingConfig.size: the SDK knows no such field",
    ],
    ["a type", { ...group, subnetIds: "subnet-1" }, "subnetIds: must be a list, is a string"],
    [
      "a nested type",
      { ...group, scalingConfig: { desiredSize: "1", minSize: 1, maxSize: 1 } },
      "scalingConfig.desiredSize: must be a number, is a string",
    ],
    ["a type in a map", { ...group, labels: { a: true } }, 'labels["a"]: must be a string, is a boolean'],
    ["a type in a list", { ...group, taints: [{ key: "a" }] }, "taints[0].effect: is required"],
    ["what is missing", { clusterName: "prod", nodeRoleArn: "x", subnetIds: [] }, "scalingConfig: is required"],
  ])("refuses %s that the SDK does not know", (what, inputs, reason) => {
    const token = what === "a token" ? "aws:eks/nodes:Nodes" : tokens.nodeGroup;
    expect(reasons(token, inputs).map((one) => one.replace(/^: /, ""))).toEqual([reason]);
  });

  it.each([
    ["not JSON", "it is not JSON"],
    [JSON.stringify({ Version: "2012-10-17", Statement: [] }), "it has no statement"],
    [JSON.stringify({ Statement: [] }), "Version must be 2012-10-17"],
    [statement({ Effect: "Allow", Action: "a" }), "statement 0: it has no Principal"],
    [statement({ Effect: "Yes", Action: "a", Principal: "*" }), "statement 0: Effect is neither Allow nor Deny"],
    [statement({ Effect: "Allow", Principal: "*" }), "statement 0: it has no Action"],
    [
      statement({ Effect: "Allow", Action: "a", Principal: "*", Conditions: {} }),
      "statement 0: there is no element Conditions",
    ],
  ])("refuses the trust policy %s", (assumeRolePolicy, problem) => {
    expect(reasons(tokens.role, { assumeRolePolicy })).toEqual([
      `assumeRolePolicy: MalformedPolicyDocument: ${problem}`,
    ]);
  });

  it("refuses a network that is none", () => {
    expect(reasons(tokens.vpc, { cidrBlock: "10.0.0.0/33" })).toHaveLength(1);
    expect(reasons(tokens.vpc, { cidrBlock: "10.0.0.0/16" })).toEqual([]);
  });

  it("gives a name where there is none, the same each time, and knows it in a preview", async () => {
    const preview = await create(tokens.role, "role", { assumeRolePolicy: trust }, true);
    const made = await create(tokens.role, "role", { assumeRolePolicy: trust });
    expect(made.outputs["name"]).toMatch(/^role-[0-9a-f]{7}$/);
    expect(preview.outputs["name"]).toBe(made.outputs["name"]);
  });

  it("keeps the name of what exists, and gives another to what replaces it", () => {
    const check = (olds: Values | undefined, seed: string) =>
      aws.check(tokens.nodeGroup, urn(tokens.nodeGroup, "one"), {}, { olds, seed }).inputs;
    const first = check(undefined, "1");
    expect(check(first, "2")["nodeGroupName"]).toBe(first["nodeGroupName"]);
    expect(check(undefined, "2")["nodeGroupName"]).not.toBe(first["nodeGroupName"]);
  });

  it("refuses a name that is too long, also one that it gives itself", () => {
    const balancer = "aws:lb/loadBalancer:LoadBalancer";
    const failures = (own: string) =>
      aws.check(balancer, urn(balancer, own), {}).failures.map(({ property }) => property);
    expect(failures("a".repeat(24))).toEqual([]);
    expect(failures("a".repeat(25))).toEqual(["name"]);
  });

  it("knows the provider's own configuration", () => {
    expect(aws.checkConfig({ region: "eu-west-1", version: "7.48.0" })).toEqual([]);
    expect(aws.checkConfig({ region: "eu-west-1", allowedAccountIds: ["123456789012"] })).toEqual([]);
    expect(aws.checkConfig({ region: "eu-west-1", allowedAccountIds: ["1"] })).toHaveLength(1);
    expect(aws.checkConfig({}).map(({ property }) => property)).toEqual(["region"]);
    expect(aws.checkConfig({ region: "eu-west-1", zone: "a" }).map(({ property }) => property)).toEqual(["zone"]);
  });
});

describe("a preview", () => {
  it("knows what the program gives, and nothing that AWS decides", async () => {
    const { outputs } = await create(tokens.vpc, "vpc", { cidrBlock: "10.0.0.0/16", tags: { Name: "a" } }, true);
    expect(outputs).toMatchObject({
      cidrBlock: "10.0.0.0/16",
      tagsAll: { Name: "a", platform: "datalab" },
      arn: unknown,
    });
    expect(account.resources()).toEqual([]);
    expect(account.calls()).toEqual([]);
  });

  it("knows within an object what the program gives", async () => {
    const vpcConfig = { subnetIds: [unknown], endpointPrivateAccess: true };
    const { outputs } = await create(tokens.cluster, "cluster", { name: "prod", roleArn: unknown, vpcConfig }, true);
    expect(outputs).toMatchObject({
      name: "prod",
      endpoint: unknown,
      certificateAuthority: unknown,
      vpcConfig: { endpointPrivateAccess: true, clusterSecurityGroupId: unknown },
    });
  });

  it("of a change keeps what stays, and knows that the rest is not known", async () => {
    const { cluster: made } = await cluster();
    const inputs = { ...made.inputs, version: "1.36" };
    const change = {
      token: tokens.cluster,
      urn: urn(tokens.cluster, "cluster"),
      name: "cluster",
      inputs,
      preview: true,
    };
    const outputs = await aws.update("prod", change, made.outputs);
    expect(outputs).toMatchObject({ arn: made.outputs["arn"], endpoint: made.outputs["endpoint"], version: "1.36" });
    expect(outputs["platformVersion"]).toBe(unknown);
    expect(account.find(tokens.cluster, "prod")?.inputs["version"]).toBe("1.35");
  });
});

describe("a change", () => {
  it.each<[string, string, Values, Values, boolean]>([
    [
      "size of a node group",
      tokens.nodeGroup,
      { scalingConfig: { desiredSize: 1 } },
      { scalingConfig: { desiredSize: 2 } },
      false,
    ],
    ["version of a cluster", tokens.cluster, { version: "1.35" }, { version: "1.36" }, false],
    ["name of a cluster", tokens.cluster, { name: "a" }, { name: "b" }, true],
    [
      "access of a cluster",
      tokens.cluster,
      { accessConfig: {} },
      { accessConfig: { bootstrapClusterCreatorAdminPermissions: false } },
      true,
    ],
    ["network of a VPC", tokens.vpc, { cidrBlock: "10.0.0.0/16" }, { cidrBlock: unknown }, true],
    ["tags of a VPC", tokens.vpc, { tags: { a: "b" } }, { tags: { a: "c" } }, false],
    ["instances of a node group", tokens.nodeGroup, { instanceTypes: ["a"] }, { instanceTypes: ["b"] }, true],
    [
      "launch template's version",
      tokens.nodeGroup,
      { launchTemplate: { id: "a", version: "1" } },
      { launchTemplate: { id: "a", version: "2" } },
      false,
    ],
    ["region", tokens.vpc, { region: "a" }, { region: "b" }, true],
  ])("of the %s", (_, token, olds, news, replaces) => {
    const { differences } = aws.diff(token, olds, news);
    expect(differences).toHaveLength(1);
    expect(differences[0]?.replaces).toBe(replaces);
  });

  it("is none where only the order of keys differs", () => {
    expect(aws.diff(tokens.vpc, { tags: { a: "b", c: "d" } }, { tags: { c: "d", a: "b" } }).differences).toEqual([]);
  });

  it("deletes first what keeps its name, and only that", () => {
    const named = { nodeGroupName: "a", instanceTypes: ["a"] };
    expect(aws.diff(tokens.nodeGroup, named, { ...named, instanceTypes: ["b"] }).deleteBeforeReplace).toBe(true);
    expect(aws.diff(tokens.nodeGroup, named, { ...named, tags: {} }).deleteBeforeReplace).toBe(false);
    const generated = { nodeGroupName: "a", __generated: "nodeGroupName", instanceTypes: ["a"] };
    expect(aws.diff(tokens.nodeGroup, generated, { ...generated, instanceTypes: ["b"] }).deleteBeforeReplace).toBe(
      false,
    );
  });

  it("makes another version of a launch template", async () => {
    const { id, inputs, outputs } = await create(tokens.template, "template", { name: "nodes" });
    expect(outputs["latestVersion"]).toBe(1);
    const change = { token: tokens.template, urn: urn(tokens.template, "template"), name: "template", preview: false };
    const changed = await aws.update(id, { ...change, inputs: { ...inputs, description: "other" } }, outputs);
    expect(changed).toMatchObject({ latestVersion: 2, arn: outputs["arn"] });
  });

  it("keeps ids, and a replacement gets another", async () => {
    const first = await create(tokens.vpc, "vpc", { cidrBlock: "10.0.0.0/16" });
    const second = await create(tokens.vpc, "vpc", { cidrBlock: "10.1.0.0/16" });
    expect(second.id).not.toBe(first.id);
    expect(account.resources()).toHaveLength(2);
  });
});

describe("AWS refuses", () => {
  it("nothing of a network with a cluster, and keeps a record of it", async () => {
    const { group } = await cluster();
    expect(group.outputs).toMatchObject({
      version: "1.35",
      resources: [{ autoscalingGroups: [{ name: expect.stringMatching(/^eks-permanent-/) }] }],
    });
    expect(account.calls().map(({ operation, token }) => `${operation} ${token}`)).toEqual(
      [tokens.vpc, tokens.subnet, tokens.subnet, tokens.role, tokens.cluster, tokens.nodeGroup].map(
        (t) => `create ${t}`,
      ),
    );
  });

  it("machines for a group that is attached to what has gone; a group that goes takes its attachments along", async () => {
    const { vpc, group } = await cluster();
    const names = JSON.stringify(group.outputs["resources"]);
    const autoscalingGroupName = /"name":"([^"]+)"/.exec(names)?.[1] ?? "";
    const target = await create("aws:lb/targetGroup:TargetGroup", "https", { port: 30443, vpcId: vpc.id });
    const attachment = { autoscalingGroupName, lbTargetGroupArn: target.id };
    await create("aws:autoscaling/attachment:Attachment", "https", attachment);
    await aws.delete("aws:lb/targetGroup:TargetGroup", "", target.id);
    const change = { token: tokens.nodeGroup, urn: urn(tokens.nodeGroup, "permanent"), name: "permanent" };
    const more = { ...group.inputs, scalingConfig: { minSize: 1, desiredSize: 3, maxSize: 3 } };
    await expect(aws.update(group.id, { ...change, inputs: more, preview: false }, group.outputs)).rejects.toThrow(
      "NodeCreationFailure: One or more target groups not found",
    );
    await aws.delete(tokens.nodeGroup, "", group.id);
    expect(account.resources().filter(({ token }) => token.includes("autoscaling"))).toEqual([]);
  });

  it.each<[string, Values, string]>([
    ["a subnet outside its VPC", { cidrBlock: "10.1.0.0/24" }, "InvalidSubnet.Range"],
    ["a subnet over another", { cidrBlock: "10.0.0.0/25" }, "InvalidSubnet.Conflict"],
    ["a zone of another region", { cidrBlock: "10.0.8.0/24", availabilityZone: "us-east-1a" }, "InvalidParameterValue"],
    ["a VPC that is not there", { cidrBlock: "10.0.8.0/24", vpcId: `vpc-0${"1".repeat(16)}` }, "NotFound"],
  ])("%s", async (_, inputs, code) => {
    const { vpc } = await cluster();
    await expect(create(tokens.subnet, "other", { vpcId: vpc.id, ...inputs })).rejects.toThrow(code);
    expect(account.calls().at(-1)?.refused).toContain(code);
  });

  it("an upgrade by two minor versions, and a downgrade", async () => {
    const { cluster: made } = await cluster("1.35");
    const upgrade = (version: string) =>
      aws.update(
        "prod",
        { token: tokens.cluster, urn: "", name: "", inputs: { ...made.inputs, version }, preview: false },
        made.outputs,
      );
    await expect(upgrade("1.37")).rejects.toThrow("one minor version");
    await expect(upgrade("1.34")).rejects.toThrow("one minor version");
    await expect(upgrade("1.36")).resolves.toMatchObject({ version: "1.36", endpoint: made.outputs["endpoint"] });
  });

  it("a second role of the same name", async () => {
    await create(tokens.role, "one", { name: "same", assumeRolePolicy: trust });
    await expect(create(tokens.role, "two", { name: "same", assumeRolePolicy: trust })).rejects.toThrow(
      "AlreadyExists",
    );
  });

  it("a cluster in one zone", async () => {
    const { subnets, role } = await cluster();
    const inputs = {
      name: "other",
      roleArn: role.outputs["arn"] as string,
      vpcConfig: { subnetIds: [subnets[0]!.id] },
    };
    await expect(create(tokens.cluster, "other", inputs)).rejects.toThrow("two are needed");
  });

  it("to delete a cluster that is protected", async () => {
    const { cluster: made, group } = await cluster();
    await aws.delete(tokens.nodeGroup, group.id, group.id);
    const change = { token: tokens.cluster, urn: urn(tokens.cluster, "cluster"), name: "cluster", preview: false };
    const set = (deletionProtection: boolean) =>
      aws.update("prod", { ...change, inputs: { ...made.inputs, deletionProtection } }, made.outputs);
    await set(true);
    await expect(aws.delete(tokens.cluster, change.urn, "prod")).rejects.toThrow("protected");
    await set(false);
    await aws.delete(tokens.cluster, change.urn, "prod");
  });

  it("to take the way to the internet from a load balancer", async () => {
    const { vpc, subnets } = await cluster();
    const gateway = await create("aws:ec2/internetGateway:InternetGateway", "gateway", { vpcId: vpc.id });
    const balancer = await create("aws:lb/loadBalancer:LoadBalancer", "balancer", {
      loadBalancerType: "network",
      subnets: subnets.map(({ id }) => id),
    });
    const remove = () => aws.delete("aws:ec2/internetGateway:InternetGateway", "", gateway.id);
    await expect(remove()).rejects.toThrow("public address");
    await aws.delete("aws:lb/loadBalancer:LoadBalancer", "", balancer.id);
    await remove();
  });

  it("to delete what is in use, in any order but the right one", async () => {
    const { vpc, subnets, cluster: made, group } = await cluster();
    const remove = (token: string, id: string) => aws.delete(token, urn(token, "one"), id);
    await expect(remove(tokens.vpc, vpc.id)).rejects.toThrow("DependencyViolation");
    await expect(remove(tokens.subnet, subnets[0]!.id)).rejects.toThrow("DependencyViolation");
    await expect(remove(tokens.cluster, made.id)).rejects.toThrow("ResourceInUseException");
    await remove(tokens.nodeGroup, group.id);
    await remove(tokens.cluster, made.id);
    for (const { id } of subnets) await remove(tokens.subnet, id);
    await remove(tokens.vpc, vpc.id);
    expect(account.resources().map(({ token }) => token)).toEqual([tokens.role]);
    expect(aws.read(tokens.vpc, vpc.id)).toBeUndefined();
  });
});

it("a network holds another only where it holds all of it", () => {
  expect(contains("10.0.0.0/16", "10.0.255.0/24")).toBe(true);
  expect(contains("10.0.0.0/16", "10.0.0.0/15")).toBe(false);
  expect(contains("10.0.0.0/16", "10.1.0.0/24")).toBe(false);
});

function statement(content: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [content] });
}

function typeNames(shape: Shape): string[] {
  switch (shape.kind) {
    case "type":
      return [shape.name];
    case "list":
    case "map":
      return typeNames(shape.of);
    case "union":
      return shape.of.flatMap(typeNames);
    case "object":
      return Object.values(shape.fields).flatMap((field) => typeNames(field.shape));
    default:
      return [];
  }
}

function hasInput(token: string, path: string): boolean {
  const [first = "", second] = path.split(".");
  const shape = sdk.resources[token]?.inputs[first]?.shape;
  if (shape === undefined || second === undefined) return shape !== undefined;
  return shape.kind === "type" && sdk.types[shape.name]?.[second] !== undefined;
}

/** Some value of a type: objects with all that is required. */
function sample(shape: Shape): Value {
  switch (shape.kind) {
    case "number":
      return 1;
    case "boolean":
      return true;
    case "list":
      return [sample(shape.of)];
    case "map":
      return { key: sample(shape.of) };
    case "union":
      return sample(shape.of[0]!);
    case "object":
    case "type": {
      const fields = shape.kind === "object" ? shape.fields : (sdk.types[shape.name] ?? {});
      const required = Object.entries(fields).filter(([, { optional }]) => !optional);
      return Object.fromEntries(required.map(([name, field]) => [name, sample(field.shape)]));
    }
    default:
      return "text";
  }
}
