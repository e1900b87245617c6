import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import type { AliasTarget } from "../../components/contracts.ts";
import { publicNames, recordsToCreate, recordType } from "../../components/dns/records.ts";
import { delegationNotice, Route53Records } from "../../components/dns/route53-records.ts";
import { dnsSettings, type Route53ZoneSettings } from "../../components/dns/settings.ts";
import { hostsOf } from "../../components/names.ts";
import { find, runGraph, summary } from "../support/graph.ts";

const hosts = hostsOf({ domain: "d.test" });
const names = publicNames([hosts.portal, hosts.identity, hosts.objectStore], hosts);
const existing: Route53ZoneSettings = { kind: "existing", id: "Z0123456789ABC" };

interface Options {
  readonly zone?: Route53ZoneSettings;
  readonly address?: string;
  readonly alias?: boolean;
  readonly protectData?: boolean;
  readonly preview?: boolean;
  readonly names?: readonly string[];
  readonly otherZones?: { readonly [name: string]: string };
}

function build({ zone = existing, address = "192.0.2.10", alias = false, preview = false, ...args }: Options = {}) {
  return runGraph(
    () => {
      const target: AliasTarget = { dnsName: pulumi.output("nlb.amazonaws.test"), zoneId: pulumi.output("ZNLB") };
      const ingress = { address: pulumi.output(address), alias: alias ? target : undefined };
      return new Route53Records("dns", { domain: hosts.domain, names, zone, ingress, ...args });
    },
    { preview },
  );
}

const record = "aws:route53/record:Record";
const zoneType = "aws:route53/zone:Zone";

describe("publicNames", () => {
  it("are the hosts of the parts, and a wildcard for services", () => {
    expect(publicNames([hosts.portal, hosts.identity], hosts)).toEqual([
      "*.lab.d.test",
      "auth.d.test",
      "datalab.d.test",
    ]);
    expect(publicNames([hosts.portal, hosts.objectStoreConsole, hosts.objectStore], hosts)).toEqual([
      "*.lab.d.test",
      "datalab.d.test",
      "s3-console.d.test",
      "s3.d.test",
    ]);
  });
});

describe("recordType", () => {
  it.each([
    ["192.0.2.10", "A"],
    ["2001:db8::1", "AAAA"],
    ["lb-1.example.org", "CNAME"],
    ["Name-1.elb.Amazonaws.com", "CNAME"],
  ] as const)("of %s is %s", (address, type) => {
    expect(recordType(address)).toBe(type);
  });

  it.each(["", "localhost", "192.0.2", "300.1.1.1", "the address of any node"])("refuses “%s”", (address) => {
    expect(() => recordType(address)).toThrow(/neither an IP address nor a host name[^]*dns\.kind/);
  });
});

describe("recordsToCreate", () => {
  it("is the list for a person", () => {
    expect(recordsToCreate(["auth.d.test", "*.lab.d.test"], "lb.example.org")).toEqual([
      { name: "auth.d.test", type: "CNAME", value: "lb.example.org" },
      { name: "*.lab.d.test", type: "CNAME", value: "lb.example.org" },
    ]);
  });

  it("says in words what only a person can know", () => {
    expect(recordsToCreate(["auth.d.test"], "the address of any node")).toEqual([
      { name: "auth.d.test", type: "A", value: "the address of any node" },
    ]);
  });
});

describe("Route53Records", () => {
  it("are records in the zone that is there, and nothing else", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      `${record} dns-any.lab.d.test`,
      `${record} dns-auth.d.test`,
      `${record} dns-datalab.d.test`,
      `${record} dns-s3.d.test`,
      "datalab:dns:Route53Records dns",
    ]);
    expect(find(graph, record, "dns-any.lab.d.test")).toMatchObject({
      parent: "dns",
      inputs: { zoneId: existing.id, name: "*.lab.d.test", type: "A", ttl: 300, records: ["192.0.2.10"] },
    });
    expect(graph.result.nameServers).toBeUndefined();
  });

  it("point at a host name by another type", async () => {
    const graph = await build({ address: "lb.example.org" });
    expect(find(graph, record, "dns-auth.d.test").inputs).toMatchObject({ type: "CNAME", records: ["lb.example.org"] });
  });

  it("follow a load balancer of AWS by an alias", async () => {
    const { inputs } = find(await build({ alias: true }), record, "dns-auth.d.test");
    expect(inputs).toEqual({
      zoneId: existing.id,
      name: "auth.d.test",
      type: "A",
      aliases: [{ name: "nlb.amazonaws.test", zoneId: "ZNLB", evaluateTargetHealth: false }],
    });
  });

  it("put a name that another zone holds into that one", async () => {
    const graph = await build({ otherZones: { "*.lab.d.test": "Z0SERVICES" } });
    expect(find(graph, record, "dns-any.lab.d.test").inputs).toMatchObject({ zoneId: "Z0SERVICES" });
    expect(find(graph, record, "dns-auth.d.test").inputs).toMatchObject({ zoneId: existing.id });
  });

  it.each([true, false])("can have a zone of their own, which is protected where data is: %s", async (protectData) => {
    const graph = await build({ zone: { kind: "new" }, protectData });
    expect(find(graph, zoneType, "dns-zone")).toMatchObject({
      parent: "dns",
      protect: protectData,
      inputs: { name: "d.test", forceDestroy: !protectData },
      dependencies: [],
    });
    expect(graph.resources.filter(({ protect }) => protect)).toHaveLength(protectData ? 1 : 0);
    expect(find(graph, record, "dns-auth.d.test").dependencies).toEqual(["dns-zone"]);
    expect(graph.result.nameServers).toBeDefined();
  });

  it("of a zone of their own tell a person what the domain above must name", async () => {
    const told = delegationNotice("d.test", ["ns-2.dns-zone.example.test", "ns-1.dns-zone.example.test"]);
    expect(told).toContain("these servers for d.test: ns-1.dns-zone.example.test, ns-2.dns-zone.example.test.");
    expect((await build({ zone: { kind: "new" } })).notices).toEqual([told]);
    expect((await build()).notices).toEqual([]);
  });

  it("are the same whatever the order of their names, and in the first preview", async () => {
    const of = async (options: Options) => summary(await build(options)).toSorted();
    const inOrder = await of({});
    expect(await of({ names: names.toReversed() })).toEqual(inOrder);
    expect(await of({ preview: true })).toEqual(inOrder);
  });

  it("never take over a record that is there", async () => {
    const records = (await build()).resources.filter(({ type }) => type === record);
    expect(records.filter(({ inputs }) => inputs["allowOverwrite"] === true)).toEqual([]);
  });
});

describe("datalab:dns", () => {
  it("needs nothing", () => {
    expect(dnsSettings.parse({})).toEqual({ kind: "none", resolvesInCluster: false });
  });

  it("takes a zone that is there, or makes one", () => {
    const of = (zone: object) => dnsSettings.parse({ kind: "route53", zone });
    expect(of(existing)).toEqual({ kind: "route53", zone: existing, resolvesInCluster: false });
    expect(of({ kind: "new" })).toMatchObject({ zone: { kind: "new" } });
  });

  it.each([
    [{ kind: "cloudflare" }, "kind"],
    [{ kind: "route53" }, "zone"],
    [{ kind: "route53", zone: { kind: "existing" } }, "zone.id"],
    [{ kind: "route53", zone: { kind: "existing", id: "d.test" } }, "zone.id"],
    [{ kind: "route53", zone: { kind: "existing", id: "/hostedzone/Z0123456789ABC" } }, "zone.id"],
    [{ kind: "route53", zone: { kind: "new", id: "Z0123456789ABC" } }, "zone"],
    [{ kind: "none", zone: { kind: "new" } }, ""],
    [{ kind: "route53", zone: existing, servicesZoneId: "e.test" }, "servicesZoneId"],
    [{ kind: "none", servicesZoneId: "Z0SERVICES" }, ""],
  ])("refuses %j", (settings, path) => {
    expect(dnsSettings.safeParse(settings).error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});
