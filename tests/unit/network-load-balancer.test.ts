import { beforeAll, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { awsProvider } from "../../components/aws/provider.ts";
import { NetworkLoadBalancer, type NetworkLoadBalancerArgs } from "../../components/ingress/network-load-balancer.ts";
import { aws, network, outline } from "../support/eks.ts";
import { find, type Graph, runGraph } from "../support/graph.ts";

let graph: Graph<NetworkLoadBalancer>;

beforeAll(async () => {
  graph = await build({ internal: false });
});

function build(more: Pick<NetworkLoadBalancerArgs, "internal" | "visitors">) {
  return runGraph(() => {
    const provider = awsProvider("aws", aws, "prod");
    const group = (name: string) => ({
      name: pulumi.output(`machines-${name}`),
      nodeGroup: new pulumi.ComponentResource("test:NodeGroup", `nodes-${name}`),
    });
    const nodes = {
      network,
      securityGroupId: pulumi.output("sg-nodes"),
      autoscalingGroups: { a: group("a"), b: group("b") },
    };
    return new NetworkLoadBalancer("load-balancer", { nodes, displayName: "prod", ...more }, { providers: [provider] });
  });
}

const ingressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egressRule = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const balancerType = "aws:lb/loadBalancer:LoadBalancer";
const inputs = (type: string, name: string) => find(graph, type, name).inputs;

describe("NetworkLoadBalancer", () => {
  it("is these resources, each after what it needs", () => {
    const own = graph.resources.filter(({ name }) => name.startsWith("load-balancer"));
    const forKind = (kind: string) => [
      `TargetGroup load-balancer-${kind} < load-balancer | `,
      `Listener load-balancer-${kind}-listener < load-balancer | load-balancer-balancer load-balancer-${kind}`,
      `Attachment load-balancer-${kind}-a < load-balancer | load-balancer-${kind}`,
      `Attachment load-balancer-${kind}-b < load-balancer | load-balancer-${kind}`,
      `SecurityGroupIngressRule load-balancer-${kind}-visitors < load-balancer | load-balancer-access`,
    ];
    const toNodes = (kind: string) => [
      `SecurityGroupEgressRule load-balancer-${kind}-to-nodes < load-balancer | load-balancer-access`,
      `SecurityGroupIngressRule load-balancer-${kind}-into-nodes < load-balancer | load-balancer-access`,
    ];
    expect(own.map(outline).toSorted()).toEqual(
      [
        "NetworkLoadBalancer load-balancer < - | ",
        "SecurityGroup load-balancer-access < load-balancer | ",
        "LoadBalancer load-balancer-balancer < load-balancer | load-balancer-access",
        ...forKind("http"),
        ...forKind("https"),
        ...["http", "https", "health"].flatMap(toNodes),
      ].toSorted(),
    );
    expect(new Set(own.filter(({ custom }) => custom).map(({ provider }) => provider))).toEqual(new Set(["aws"]));
  });

  it("stands in the public subnets, open to everybody on 80 and 443", () => {
    expect(inputs(balancerType, "load-balancer-balancer")).toMatchObject({
      loadBalancerType: "network",
      internal: false,
      subnets: ["public-a", "public-b"],
      securityGroups: ["load-balancer-access-id"],
    });
    for (const [kind, port] of [
      ["http", 80],
      ["https", 443],
    ] as const) {
      expect(inputs(ingressRule, `load-balancer-${kind}-visitors`)).toMatchObject({
        cidrIpv4: "0.0.0.0/0",
        fromPort: port,
        toPort: port,
      });
      expect(inputs("aws:lb/listener:Listener", `load-balancer-${kind}-listener`)).toMatchObject({
        port,
        protocol: "TCP",
        defaultActions: [{ type: "forward", targetGroupArn: `arn-of-load-balancer-${kind}` }],
      });
    }
  });

  it("lets in the listed networks alone, each by a rule of its own, and everybody at a port without a list", async () => {
    const listed = await build({ internal: false, visitors: { http: ["192.0.2.0/24", "198.51.100.0/24"] } });
    const visitors = listed.resources.filter(({ type, name }) => type === ingressRule && name.includes("-visitors"));
    expect(
      visitors.map(({ name, inputs: of }) => [name, of["fromPort"], of["toPort"], of["cidrIpv4"]]).toSorted(),
    ).toEqual([
      ["load-balancer-http-visitors-192.0.2.0/24", 80, 80, "192.0.2.0/24"],
      ["load-balancer-http-visitors-198.51.100.0/24", 80, 80, "198.51.100.0/24"],
      ["load-balancer-https-visitors", 443, 443, "0.0.0.0/0"],
    ]);
    expect(new Set(visitors.map(({ inputs: of }) => of["securityGroupId"]))).toEqual(
      new Set(["load-balancer-access-id"]),
    );
  });

  it("stands in the private subnets where it has private addresses alone", async () => {
    expect(find(await build({ internal: true }), balancerType, "load-balancer-balancer").inputs).toMatchObject({
      internal: true,
      subnets: ["private-a", "private-b"],
    });
  });

  it("reaches nodes on the fixed ports, and nobody else does", () => {
    const { nodePorts } = graph.result;
    expect(nodePorts).toEqual({ http: 30080, https: 30443, health: 30081 });
    for (const kind of ["http", "https", "health"] as const) {
      const port = { fromPort: nodePorts[kind], toPort: nodePorts[kind], ipProtocol: "tcp" };
      expect(inputs(ingressRule, `load-balancer-${kind}-into-nodes`)).toEqual({
        securityGroupId: "sg-nodes",
        referencedSecurityGroupId: "load-balancer-access-id",
        ...port,
      });
      expect(inputs(egressRule, `load-balancer-${kind}-to-nodes`)).toEqual({
        securityGroupId: "load-balancer-access-id",
        referencedSecurityGroupId: "sg-nodes",
        ...port,
      });
    }
    for (const kind of ["http", "https"] as const) {
      expect(inputs("aws:autoscaling/attachment:Attachment", `load-balancer-${kind}-b`)).toEqual({
        autoscalingGroupName: "machines-b",
        lbTargetGroupArn: `arn-of-load-balancer-${kind}`,
      });
    }
  });

  it("leaves the targets of a group that goes until its machines end", () => {
    const attachments = graph.resources.filter(({ type }) => type === "aws:autoscaling/attachment:Attachment");
    expect(attachments.map(({ name, deletedWith }) => [name, deletedWith])).toEqual(
      ["http", "https"].flatMap((kind) => ["a", "b"].map((of) => [`load-balancer-${kind}-${of}`, `nodes-${of}`])),
    );
  });

  it("keeps visitors' addresses, long silences, and the connections of a node that goes", () => {
    for (const kind of ["http", "https"] as const) {
      expect(inputs("aws:lb/targetGroup:TargetGroup", `load-balancer-${kind}`)).toMatchObject({
        port: graph.result.nodePorts[kind],
        protocol: "TCP",
        targetType: "instance",
        preserveClientIp: "true",
        deregistrationDelay: 60,
        // What kube-proxy says there, before a pod that ends stops serving.
        healthCheck: { protocol: "HTTP", path: "/healthz", port: "30081", interval: 10, unhealthyThreshold: 2 },
        // Downloads and websockets of a pod that ends are not reset.
        targetHealthStates: [{ enableUnhealthyConnectionTermination: false, unhealthyDrainingInterval: 90 }],
      });
      const { interval = 0, timeout = 0 } = inputs("aws:lb/targetGroup:TargetGroup", `load-balancer-${kind}`)[
        "healthCheck"
      ] as { interval?: number; timeout?: number };
      // AWS takes no less than two seconds, and nothing that is not shorter than the interval.
      expect(timeout).toBeGreaterThanOrEqual(2);
      expect(timeout).toBeLessThan(interval);
    }
    const listener = inputs("aws:lb/listener:Listener", "load-balancer-https-listener");
    expect(listener["tcpIdleTimeoutSeconds"]).toBeGreaterThanOrEqual(3600);
    expect(listener["tcpIdleTimeoutSeconds"]).toBeLessThanOrEqual(6000);
  });
});
