import { describe, expect, it } from "@jest/globals";

import { clusterSettings } from "../../components/cluster/settings.ts";
import { isPrivateName } from "../../components/dns/private-names.ts";
import { privateNameProblems, zoneProblems } from "../../stacks/settings/aws-rules.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { eks, eksInput, spotGroup } from "../support/eks.ts";

const permanent = eksInput.nodeGroups.permanent;

describe("nodes for zones", () => {
  const found = (min: number, zones: readonly string[], more: object = {}) =>
    zoneProblems(
      eks({ network: { kind: "new", zones }, nodeGroups: { a: { ...permanent, min }, elastic: spotGroup, ...more } }),
    ).map(printed);
  const zones = ["eu-west-3a", "eu-west-3b", "eu-west-3c"];

  it("are one for each at least, in one group of the platform", () => {
    expect(found(2, zones.slice(1))).toEqual([]);
    expect(found(3, zones)).toEqual([]);
    expect(found(2, zones, { b: { ...permanent, min: 3 } })).toEqual([]);
    const problem = expect.objectContaining({
      path: ["cluster", "nodeGroups", "a", "min"],
      message: expect.stringContaining("leaves one of 3 zones without a node"),
      cure: "pulumi config set --path 'datalab:cluster.nodeGroups.a.min' '3'",
    });
    expect(found(2, zones)).toEqual([problem]);
    // Each group is balanced by itself, so two small ones may stand in the same zones; spot nodes take no part.
    expect(found(2, zones, { b: { ...permanent, min: 1 } })).toEqual([problem]);
    expect(found(2, zones, { elastic: { ...spotGroup, min: 3 } })).toEqual([problem]);
  });

  it("are counted in a network that is there by its private subnets, and elsewhere not at all", () => {
    const subnet = (digit: number) => `subnet-0${String(digit).repeat(16)}`;
    const ids = { privateSubnetIds: [1, 2, 3].map(subnet), publicSubnetIds: [4, 5].map(subnet) };
    const network = { kind: "existing", vpcId: `vpc-0${"1".repeat(16)}`, cidr: "10.0.0.0/16", ...ids };
    expect(zoneProblems(eks({ network }))).toHaveLength(1);
    expect(
      zoneProblems(clusterSettings.parse({ kind: "existing", clusterIdentifier: "home", kubeconfigPath: "a" })),
    ).toEqual([]);
  });
});

describe("names of private networks", () => {
  const letsencrypt = { issuer: "letsencrypt", environment: "production", email: "a@example.org" };
  type Read = Parameters<typeof privateNameProblems>[0];
  const found = (platform: object, certificates: object = letsencrypt) =>
    privateNameProblems({ platform, certificates } as Read).map(printed);

  it.each([
    ["lab.local", true],
    ["lab.corp.internal", true],
    ["Lab.Home.Arpa", true],
    ["lan", true],
    ["example.org", false],
    ["local.example.org", false],
    ["mylan.org", false],
  ])("%s: %s", (name, isPrivate) => {
    expect(isPrivateName(name)).toBe(isPrivate);
  });

  it("get no certificate of Let's Encrypt, and that is said before an hour of waiting", () => {
    expect(found({ domain: "example.org" })).toEqual([]);
    expect(found({ domain: "lab.internal" }, { issuer: "privateCa" })).toEqual([]);
    expect(found({ domain: "lab.internal" })).toEqual([
      expect.objectContaining({
        path: ["platform", "domain"],
        message: expect.stringContaining("Let's Encrypt gives no certificate"),
        cure: expect.stringContaining("pulumi config set --path 'datalab:certificates.issuer' 'privateCa'"),
      }),
    ]);
    const services = found({ domain: "example.org", servicesDomain: "lab.lan" });
    expect(services.map(({ path }) => path)).toEqual([["platform", "servicesDomain"]]);
  });
});
