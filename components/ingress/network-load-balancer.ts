import { Attachment } from "@pulumi/aws/autoscaling/attachment.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Listener } from "@pulumi/aws/lb/listener.js";
import { LoadBalancer as AwsLoadBalancer } from "@pulumi/aws/lb/loadBalancer.js";
import { TargetGroup, type TargetGroupArgs } from "@pulumi/aws/lb/targetGroup.js";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";

import type { LoadBalancedNodes, LoadBalancer } from "../contracts.ts";
import { endingSeconds } from "./traefik-arguments.ts";

export interface NetworkLoadBalancerArgs {
  readonly nodes: LoadBalancedNodes;
  /** Name that people see in the AWS console: that of the cluster. */
  readonly displayName: string;
  /** Whether it has private addresses alone. */
  readonly internal: boolean;
  /** IPv4 networks that visitors may come from at each port. @default everybody */
  readonly visitors?: Partial<Record<keyof typeof routes, readonly string[]>> | undefined;
}

/** Ports that visitors come to, and the ports of every node that they are sent to. */
export const routes = {
  http: { port: 80, nodePort: 30080 },
  https: { port: 443, nodePort: 30443 },
} as const;

/** Port of every node on which kube-proxy says whether a pod of the controller there will go on serving. */
const healthPort = 30081;

/** Silence after which a connection is forgotten: as long as the ingress controller waits, and AWS's most is 6000. */
const idleSeconds = 3600;

/** How one kind of traffic reaches the nodes. A node without a pod of the controller that stays is left out. */
export function targetGroup(nodePort: number): TargetGroupArgs {
  return {
    port: nodePort,
    protocol: "TCP",
    targetType: "instance",
    // Allow lists compare the visitors' own addresses.
    preserveClientIp: "true",
    // A node that goes keeps its connections this long; as long as the controller's pods do.
    deregistrationDelay: 60,
    connectionTermination: true,
    // A node that says it will not go on serving still serves what it has: by default AWS would reset that at once.
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
    targetHealthStates: [{ enableUnhealthyConnectionTermination: false, unhealthyDrainingInterval: endingSeconds }],
    healthCheck: {
      // A pod that ends serves to its last moment: the node port itself would tell of the end when it has come.
      protocol: "HTTP",
      path: "/healthz",
      port: String(healthPort),
      interval: 10,
      // AWS's default is as long as the interval, and it refuses a timeout that is not shorter.
      timeout: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    },
  };
}

/**
 * A load balancer of AWS in front of the ingress controller's node ports, made by the graph and not by a controller.
 *
 * @example
 * ```ts
 * new NetworkLoadBalancer("load-balancer", { nodes, displayName: "lab", internal: false }, onAws);
 * ```
 */
export class NetworkLoadBalancer extends pulumi.ComponentResource implements LoadBalancer {
  readonly nodePorts = { http: routes.http.nodePort, https: routes.https.nodePort, health: healthPort };
  readonly dnsName: pulumi.Output<string>;
  readonly zoneId: pulumi.Output<string>;

  constructor(name: string, args: NetworkLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:ingress:NetworkLoadBalancer", name, { displayName: args.displayName }, opts);
    const { nodes, displayName, internal, visitors } = args;
    const { network, autoscalingGroups } = nodes;
    const child = { parent: this };
    const tags = { Name: displayName };

    const group = new SecurityGroup(
      `${name}-access`,
      { vpcId: network.vpcId, description: "Visitors to the ingress controller", tags },
      child,
    );
    const balancer = new AwsLoadBalancer(
      `${name}-balancer`,
      {
        loadBalancerType: "network",
        internal,
        subnets: Object.values(internal ? network.privateSubnets : network.publicSubnets),
        securityGroups: [group.id],
        // The controller's pods may all be in one zone.
        enableCrossZoneLoadBalancing: true,
        tags,
      },
      { ...child, dependsOn: [...network.ready] },
    );
    const tcp = (number: number) => ({ ipProtocol: "tcp", fromPort: number, toPort: number });
    for (const [kind, nodePort] of Object.entries(this.nodePorts)) {
      new SecurityGroupEgressRule(
        `${name}-${kind}-to-nodes`,
        { securityGroupId: group.id, referencedSecurityGroupId: nodes.securityGroupId, ...tcp(nodePort) },
        child,
      );
      new SecurityGroupIngressRule(
        `${name}-${kind}-into-nodes`,
        { securityGroupId: nodes.securityGroupId, referencedSecurityGroupId: group.id, ...tcp(nodePort) },
        child,
      );
    }
    for (const [kind, { port, nodePort }] of entriesOf(routes)) {
      // The name of everybody's is older than lists are.
      const networks = visitors?.[kind]?.map((cidr) => [`-${cidr}`, cidr] as const) ?? [["", "0.0.0.0/0"] as const];
      for (const [suffix, cidrIpv4] of networks) {
        new SecurityGroupIngressRule(
          `${name}-${kind}-visitors${suffix}`,
          { securityGroupId: group.id, cidrIpv4, ...tcp(port) },
          child,
        );
      }
      const target = new TargetGroup(
        `${name}-${kind}`,
        { vpcId: network.vpcId, ...targetGroup(nodePort), tags: { Name: `${displayName}-${kind}` } },
        child,
      );
      new Listener(
        `${name}-${kind}-listener`,
        {
          loadBalancerArn: balancer.arn,
          port,
          protocol: "TCP",
          tcpIdleTimeoutSeconds: idleSeconds,
          defaultActions: [{ type: "forward", targetGroupArn: target.arn }],
        },
        child,
      );
      for (const [group, { name: autoscalingGroupName, nodeGroup }] of Object.entries(autoscalingGroups)) {
        new Attachment(
          `${name}-${kind}-${group}`,
          { autoscalingGroupName, lbTargetGroupArn: target.arn },
          // A group that goes keeps its targets until its machines are drained. Detached before, they would take Traefik off
          // while it still runs there alone.
          { ...child, deletedWith: nodeGroup },
        );
      }
    }

    this.dnsName = balancer.dnsName;
    this.zoneId = balancer.zoneId;
    this.registerOutputs({ dnsName: this.dnsName });
  }
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
