import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { overlap } from "../../components/aws/cidr.ts";
import { networkSettings, type NewNetworkSettings } from "../../components/aws/network-settings.ts";
import { awsProvider } from "../../components/aws/provider.ts";
import { existingNetwork } from "../../components/network/existing-network.ts";
import { flowLogPolicy } from "../../components/network/flow-logs.ts";
import { Network } from "../../components/network/network.ts";
import { zonePlans } from "../../components/network/subnets.ts";
import { problemsOf } from "../../stacks/settings/schema-problems.ts";
import { messageOf } from "../../stacks/settings/sentences.ts";
import { accountId, aws, outline } from "../support/eks.ts";
import { find, type Graph, runGraph } from "../support/graph.ts";
import { documentsOf, tooWide } from "../support/iam.ts";

const zones = ["eu-west-3a", "eu-west-3b"];

function build(changes: Partial<NewNetworkSettings> = {}): Promise<Graph<Network>> {
  const settings = networkSettings.parse({ kind: "new", zones, ...changes }) as NewNetworkSettings;
  return runGraph(() => {
    const provider = awsProvider("aws", aws, "prod");
    return new Network("network", { settings, aws, displayName: "prod" }, { providers: [provider] });
  });
}

const own = ({ resources }: Graph<unknown>) => resources.filter(({ name }) => name !== "aws");
const outlines = (graph: Graph<unknown>) => own(graph).map(outline).toSorted();
const names = (graph: Graph<unknown>, kind: string) =>
  graph.resources
    .filter(({ type }) => type.endsWith(`:${kind}`))
    .map(({ name }) => name)
    .toSorted();

describe("Network", () => {
  it("is a VPC over the zones, each with a public and a private subnet, and one way out", async () => {
    const graph = await build();
    expect(outlines(graph)).toEqual([
      "Eip network-nat-eu-west-3a-address < network | ",
      "InternetGateway network-internet < network | network-vpc",
      "NatGateway network-nat-eu-west-3a < network | network-nat-eu-west-3a-address network-public-default network-public-eu-west-3a",
      "Network network < - | ",
      "Route network-private-eu-west-3a-default < network | network-nat-eu-west-3a network-private-eu-west-3a-routes",
      "Route network-private-eu-west-3b-default < network | network-nat-eu-west-3a network-private-eu-west-3b-routes",
      "Route network-public-default < network | network-internet network-public-routes",
      "RouteTable network-private-eu-west-3a-routes < network | network-vpc",
      "RouteTable network-private-eu-west-3b-routes < network | network-vpc",
      "RouteTable network-public-routes < network | network-vpc",
      "RouteTableAssociation network-private-eu-west-3a-association < network | network-private-eu-west-3a network-private-eu-west-3a-routes",
      "RouteTableAssociation network-private-eu-west-3b-association < network | network-private-eu-west-3b network-private-eu-west-3b-routes",
      "RouteTableAssociation network-public-eu-west-3a-association < network | network-public-eu-west-3a network-public-routes",
      "RouteTableAssociation network-public-eu-west-3b-association < network | network-public-eu-west-3b network-public-routes",
      "Subnet network-private-eu-west-3a < network | network-vpc",
      "Subnet network-private-eu-west-3b < network | network-vpc",
      "Subnet network-public-eu-west-3a < network | network-vpc",
      "Subnet network-public-eu-west-3b < network | network-vpc",
      "Vpc network-vpc < network | ",
      "VpcEndpoint network-s3 < network | network-private-eu-west-3a-routes network-private-eu-west-3b-routes network-vpc",
    ]);
    expect(
      new Set(
        own(graph)
          .filter(({ custom }) => custom)
          .map(({ provider }) => provider),
      ),
    ).toEqual(new Set(["aws"]));
  });

  it("tells load balancers which subnets are theirs", async () => {
    const graph = await build();
    const tags = (name: string) => find(graph, "aws:ec2/subnet:Subnet", name).inputs["tags"];
    expect(tags("network-public-eu-west-3a")).toEqual({
      Name: "prod-public-eu-west-3a",
      "kubernetes.io/role/elb": "1",
    });
    expect(tags("network-private-eu-west-3b")).toEqual({
      Name: "prod-private-eu-west-3b",
      "kubernetes.io/role/internal-elb": "1",
    });
  });

  it("has a way out in each zone where that is asked for", async () => {
    const graph = await build({ natGateways: "perZone" });
    expect(names(graph, "NatGateway")).toEqual(zones.map((zone) => `network-nat-${zone}`));
    for (const zone of zones) {
      const route = find(graph, "aws:ec2/route:Route", `network-private-${zone}-default`);
      expect(route.inputs).toMatchObject({ natGatewayId: `network-nat-${zone}-id`, destinationCidrBlock: "0.0.0.0/0" });
    }
  });

  it("reaches other services inside the VPC where that is asked for, over HTTPS from the VPC alone", async () => {
    const graph = await build({ endpoints: ["sts", "ecr"] });
    expect(names(graph, "VpcEndpoint")).toEqual(["network-ecr-api", "network-ecr-dkr", "network-s3", "network-sts"]);
    expect(find(graph, "aws:ec2/vpcEndpoint:VpcEndpoint", "network-ecr-api").inputs).toMatchObject({
      serviceName: "com.amazonaws.eu-west-3.ecr.api",
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: zones.map((zone) => `network-private-${zone}-id`),
      securityGroupIds: ["network-endpoints-id"],
    });
    const rule = find(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "network-endpoints-https");
    expect(rule.inputs).toMatchObject({ cidrIpv4: "10.0.0.0/16", fromPort: 443, toPort: 443, ipProtocol: "tcp" });
  });

  it("writes every connection to a log of its own where that is asked for", async () => {
    const graph = await build({ flowLogs: true });
    expect(find(graph, "aws:ec2/flowLog:FlowLog", "network-flow-log").dependencies).toEqual([
      "network-flow-logs",
      "network-flow-logs-policy",
      "network-flow-logs-role",
      "network-vpc",
    ]);
    expect(find(graph, "aws:cloudwatch/logGroup:LogGroup", "network-flow-logs").inputs).toEqual({
      name: "/datalab/prod/flows",
      retentionInDays: 30,
    });
    expect(documentsOf(graph).map(({ owner }) => owner)).toEqual([
      "network-flow-logs-role",
      "network-flow-logs-policy",
    ]);
    // AWS asks for the list of groups with no narrower name.
    expect(tooWide(documentsOf(graph))).toEqual(["network-flow-logs-policy FindGroup"]);
    const [write, list] = flowLogPolicy(aws, "/datalab/prod/flows").Statement;
    expect(write?.Resource).toEqual([`arn:aws:logs:eu-west-3:${accountId}:log-group:/datalab/prod/flows:*`]);
    expect(list).toMatchObject({
      Action: ["logs:DescribeLogGroups"],
      Resource: [`arn:aws:logs:eu-west-3:${accountId}:log-group:*`],
    });
  });

  it("does not depend on the order of the zones", async () => {
    const registered = (graph: Graph<unknown>) =>
      own(graph)
        .map(({ name, inputs }) => JSON.stringify([name, inputs]))
        .toSorted();
    expect(registered(await build({ zones: zones.toReversed() }))).toEqual(registered(await build()));
  });
});

describe("the addresses of zones", () => {
  const anyZones = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "f"), { minLength: 2, maxLength: 3 });
  const all = (cidr: string, letters: readonly string[]) =>
    zonePlans(
      cidr,
      letters.map((letter) => `us-east-1${letter}`),
    );

  it("lie in the VPC and never overlap, and stay when a zone joins", () => {
    fc.assert(
      fc.property(anyZones, fc.constantFrom("10.0.0.0/16", "10.1.64.0/18", "192.168.16.0/20"), (letters, cidr) => {
        const plans = all(cidr, letters);
        const subnets = plans.flatMap(({ privateCidr, publicCidr }) => [privateCidr, publicCidr]);
        for (const subnet of subnets) {
          expect(overlap(cidr, subnet)).toBe(true);
          expect(subnets.filter((other) => overlap(other, subnet))).toEqual([subnet]);
        }
        expect(all(cidr, [...letters, "e"])).toEqual(expect.arrayContaining(plans));
      }),
    );
  });

  it("are large for nodes and pods, small for load balancers", () => {
    expect(zonePlans("10.0.0.0/16", zones)).toEqual([
      { zone: "eu-west-3a", privateCidr: "10.0.0.0/19", publicCidr: "10.0.224.0/22" },
      { zone: "eu-west-3b", privateCidr: "10.0.32.0/19", publicCidr: "10.0.228.0/22" },
    ]);
  });
});

describe("a network that is there", () => {
  it("is used by its ids, and nothing is made", async () => {
    const settings = networkSettings.parse({
      kind: "existing",
      vpcId: "vpc-0123456789abcdef0",
      cidr: "10.8.0.0/16",
      privateSubnetIds: ["subnet-0000000000000000b", "subnet-0000000000000000a"],
      publicSubnetIds: ["subnet-0000000000000000c", "subnet-0000000000000000d"],
    });
    const graph = await runGraph(() => existingNetwork(settings as Extract<typeof settings, { kind: "existing" }>));
    expect(graph.resources).toEqual([]);
    expect(graph.result).toMatchObject({ cidr: "10.8.0.0/16", ready: [] });
    expect(Object.keys(graph.result.privateSubnets)).toEqual(["subnet-0000000000000000a", "subnet-0000000000000000b"]);
  });
});

describe("the settings of the network", () => {
  const messages = (input: object) =>
    problemsOf("network", networkSettings, { kind: "new", zones, ...input }).map(messageOf);

  it.each<[string, object, string]>([
    ["an unknown zone", { zones: ["eu-west-3a", "eu-west-3x"] }, "not allowed"],
    ["zones of two regions", { zones: ["eu-west-3a", "eu-west-1a"] }, "one region"],
    ["one zone", { zones: ["eu-west-3a"] }, "2 or 3 zones"],
    ["four zones", { zones: ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"] }, "2 or 3 zones"],
    ["a zone twice", { zones: ["eu-west-3a", "eu-west-3a"] }, "twice"],
    ["a network that is too small", { cidr: "10.0.0.0/24" }, "from /16 to /20"],
    ["a network that begins in the middle", { cidr: "10.0.0.1/16" }, "first address"],
    ["no network", { cidr: "somewhere" }, "IPv4 network"],
    ["an unknown endpoint", { endpoints: ["s3"] }, "ecr, sts"],
  ])("refuse %s", (_, input, message) => {
    expect(messages(input).join("\n")).toContain(message);
  });

  it("accept the least there can be", () => {
    expect(messages({})).toEqual([]);
  });
});
