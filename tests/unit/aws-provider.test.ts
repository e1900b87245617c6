import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { addressIn, isNetworkAddress, overlap, partOf, prefixOf } from "../../components/aws/cidr.ts";
import { capacityOf, instanceRegionProblem, instanceTypeProblem } from "../../components/aws/instances.ts";
import { clusterArn, trustedNodes, trustedPods, trustedService } from "../../components/aws/policy.ts";
import { awsProvider, tagsOf } from "../../components/aws/provider.ts";
import { regionOf, regions, zones, zonesOf } from "../../components/aws/regions.ts";
import { awsSettings } from "../../components/aws/settings.ts";
import { problemsOf } from "../../stacks/settings/schema-problems.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { accountId, aws } from "../support/eks.ts";
import { find, runGraph } from "../support/graph.ts";
import { tooWide } from "../support/iam.ts";

const problems = (input: unknown) =>
  problemsOf("aws", awsSettings, input)
    .map(printed)
    .map(({ message, cure }) => `${message} | ${cure}`);

describe("datalab:aws", () => {
  it("needs an account and a region", () => {
    expect(awsSettings.parse({ accountId, region: "eu-west-3" })).toEqual({ accountId, region: "eu-west-3", tags: {} });
    expect(problems({})).toHaveLength(2);
  });

  it("takes an account as `pulumi config set` writes it, and none of another length", () => {
    expect(awsSettings.parse({ accountId: 123456789012, region: "eu-west-3" }).accountId).toBe(accountId);
    for (const wrong of ["12345", 12345, "1234567890123", "12345678901a"]) {
      expect(problems({ accountId: wrong, region: "eu-west-3" })).toEqual([expect.stringContaining("12 digits")]);
    }
    expect(problems({ region: "eu-west-3" })).toEqual([expect.stringContaining("is missing")]);
  });

  it("names the region that was meant", () => {
    expect(problems({ accountId, region: "eu-west3" })).toEqual([
      expect.stringContaining("'datalab:aws.region' 'eu-west-3'"),
    ]);
  });

  it("takes no tag that AWS keeps for itself", () => {
    expect(problems({ accountId, region: "eu-west-3", tags: { "aws:name": "a" } })).not.toEqual([]);
    expect(problems({ accountId, region: "eu-west-3", tags: { "cost centre": "a/b" } })).toEqual([]);
    // The driver of volumes reads `name=value`.
    expect(problems({ accountId, region: "eu-west-3", tags: { a: "b=c" } })).not.toEqual([]);
  });
});

describe("the AWS provider", () => {
  it("writes tags in an order of its own", () => {
    const tags = (own: Record<string, string>) => JSON.stringify(tagsOf({ ...aws, tags: own }, "prod"));
    expect(tags({ a: "1", z: "2" })).toBe(tags({ z: "2", a: "1" }));
  });

  it("works in one region of one account, and tags everything", async () => {
    const graph = await runGraph(() => awsProvider("aws", aws, "prod"));
    const { inputs } = find(graph, "pulumi:providers:aws", "aws");
    expect(inputs).toMatchObject({ region: "eu-west-3", allowedAccountIds: JSON.stringify([accountId]) });
    expect(JSON.parse(String(inputs["defaultTags"]))).toEqual({ tags: { team: "data", "datalab.dev/stack": "prod" } });
    expect(JSON.stringify(inputs)).not.toMatch(/accessKey|secretKey|token|profile/);
  });
});

describe("regions and zones", () => {
  it("belong to each other", () => {
    expect(zonesOf("eu-west-3")).toEqual(["eu-west-3a", "eu-west-3b", "eu-west-3c"]);
    for (const region of regions) {
      expect(zonesOf(region).length).toBeGreaterThanOrEqual(3);
      expect(zonesOf(region).map(regionOf)).toEqual(zonesOf(region).map(() => region));
    }
    expect(new Set(zones).size).toBe(zones.length);
    expect(regionOf("eu-west-3z")).toBeUndefined();
  });
});

describe("instance types", () => {
  it.each(["m7i.large", "t3.medium", "c6a.xlarge", "m7i-flex.2xlarge", "r8i.48xlarge"])("know %s", (type) => {
    expect(instanceTypeProblem(type)).toBeUndefined();
    expect(capacityOf(type)).toBeDefined();
  });

  it.each([
    ["m7y.large", "the nearest is m7"],
    ["m7g.large", "is arm64"],
    ["c8gd.large", "is arm64"],
    ["t4g.medium", "is arm64"],
    ["t3.micro", "smaller nodes"],
    ["m5.metal", "must be of size"],
  ])("refuse %s", (type, reason) => {
    expect(instanceTypeProblem(type)).toContain(reason);
  });

  it("know what a node has", () => {
    expect(capacityOf("m7i.large")).toEqual({ cpus: 2, memory: 8 });
    expect(capacityOf("t3.medium")).toEqual({ cpus: 2, memory: 4 });
    expect(capacityOf("c7i.xlarge")).toEqual({ cpus: 4, memory: 8 });
    expect(capacityOf("r7i.4xlarge")).toEqual({ cpus: 16, memory: 128 });
  });

  it("know a family that a region does not offer", () => {
    expect(instanceRegionProblem("m6a.large", "eu-west-3")).toMatch(
      /not offered in eu-west-3: take one like m\w+\.large/,
    );
    expect(instanceRegionProblem("m6a.large", "eu-west-1")).toBeUndefined();
    expect(instanceRegionProblem("m6i.large", "eu-west-3")).toBeUndefined();
  });
});

describe("networks", () => {
  it("are cut into parts", () => {
    expect(partOf("10.0.0.0/16", 3, 0)).toBe("10.0.0.0/19");
    expect(partOf("10.0.0.0/16", 3, 7)).toBe("10.0.224.0/19");
    expect(partOf("172.31.240.0/20", 4, 15)).toBe("172.31.255.0/24");
    expect(addressIn("172.20.0.0/16", 1)).toBe("172.20.0.1/32");
    expect(isNetworkAddress("10.0.0.0/16")).toBe(true);
    expect(isNetworkAddress("10.0.1.0/16")).toBe(false);
  });

  it("in any place: the parts lie in the whole and share no address", () => {
    const whole = fc
      .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 8, max: 16 }))
      .map(([a, b, prefix]) => partOf("0.0.0.0/0", prefix, Math.floor((a * 256 + b) / 2 ** (16 - prefix))));
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 4 }), (cidr, bits) => {
        const parts = Array.from({ length: 2 ** bits }, (_, index) => partOf(cidr, bits, index));
        for (const [index, part] of parts.entries()) {
          expect(prefixOf(part)).toBe(prefixOf(cidr) + bits);
          expect(overlap(cidr, part)).toBe(true);
          expect(parts.filter((other) => overlap(part, other))).toEqual([parts[index]]);
        }
      }),
    );
  });
});

describe("trust policies", () => {
  const documents = [
    trustedNodes(),
    trustedService("eks", accountId),
    trustedPods(clusterArn(aws, "prod"), accountId, { namespace: "a", serviceAccount: "b" }),
  ];

  it("let a service in for this account alone", () => {
    expect(documents[1]?.Statement[0]).toMatchObject({
      Principal: { Service: "eks.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    });
  });

  it("let one ServiceAccount of one cluster in", () => {
    expect(documents[2]?.Statement[0]?.Condition).toEqual({
      StringEquals: {
        "aws:SourceAccount": accountId,
        "aws:RequestTag/kubernetes-namespace": "a",
        "aws:RequestTag/kubernetes-service-account": "b",
      },
      ArnEquals: { "aws:SourceArn": `arn:aws:eks:eu-west-3:${accountId}:cluster/prod` },
    });
  });

  it("hold no wildcard, and a document that does is found", () => {
    const wide = { Sid: "Wide", Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::a"] };
    const everywhere = { Sid: "Everywhere", Effect: "Allow", Action: ["s3:GetObject"], Resource: ["*"] };
    expect(tooWide(documents.map(({ Statement }) => ({ owner: "a", statements: Statement })))).toEqual([]);
    expect(tooWide([{ owner: "a", statements: [wide, everywhere] }])).toEqual(["a Wide", "a Everywhere"]);
  });
});
