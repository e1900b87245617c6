import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import type { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import * as pulumi from "@pulumi/pulumi";

import type { NewNetworkSettings } from "../aws/network-settings.ts";
import type { AwsSettings } from "../aws/settings.ts";
import type { VirtualNetwork } from "../contracts.ts";
import { vpcEndpoints } from "./endpoints.ts";
import { flowLogs } from "./flow-logs.ts";
import { everywhere, zonePlans } from "./subnets.ts";
import { natGateway, privateSubnet, publicSubnet, type ZoneContext } from "./zone.ts";

export interface NetworkArgs {
  readonly settings: NewNetworkSettings;
  readonly aws: Pick<AwsSettings, "accountId" | "region">;
  /** Name that people see in the AWS console, and of the flow logs: that of the cluster. */
  readonly displayName: string;
}

/**
 * A VPC over two or three zones: nodes in private subnets, the load balancer in public ones.
 *
 * @example
 * ```ts
 * const account = { accountId: "123456789012", region: "eu-west-3" } as const;
 * new Network("network", { settings: newNetwork, aws: account, displayName: "lab" }, onAws);
 * ```
 */
export class Network extends pulumi.ComponentResource implements VirtualNetwork {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: string;
  readonly privateSubnets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly publicSubnets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:network:Network", name, { cidr: args.settings.cidr, displayName: args.displayName }, opts);
    const { settings, aws, displayName } = args;
    const { cidr } = settings;
    const child = { parent: this };
    const tags = { Name: displayName };

    const vpc = new Vpc(
      `${name}-vpc`,
      { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, tags },
      child,
    );
    const vpcId = vpc.id;
    const gateway = new InternetGateway(`${name}-internet`, { vpcId, tags }, child);
    const publicRoutes = new RouteTable(
      `${name}-public-routes`,
      { vpcId, tags: { Name: `${displayName}-public` } },
      child,
    );
    const internet = new Route(
      `${name}-public-default`,
      { routeTableId: publicRoutes.id, destinationCidrBlock: everywhere, gatewayId: gateway.id },
      child,
    );

    const context: ZoneContext = { name, displayName, vpcId, child };
    let shared: NatGateway | undefined;
    const zones = zonePlans(cidr, settings.zones).map((plan) => {
      const publicOne = publicSubnet(context, plan, publicRoutes);
      const nat = () => natGateway(context, plan, publicOne, internet);
      const way = settings.natGateways === "perZone" ? nat() : (shared ??= nat());
      return { zone: plan.zone, publicOne, privateOne: privateSubnet(context, plan, way) };
    });

    vpcEndpoints(
      name,
      {
        vpcId,
        cidr,
        region: aws.region,
        endpoints: settings.endpoints,
        routeTableIds: zones.map(({ privateOne }) => privateOne.routes.id),
        subnetIds: zones.map(({ privateOne }) => privateOne.subnet.id),
      },
      child,
    );
    if (settings.flowLogs) flowLogs(name, vpcId, aws, `/datalab/${displayName}/flows`, child);

    this.vpcId = vpcId;
    this.cidr = cidr;
    this.privateSubnets = Object.fromEntries(zones.map(({ zone, privateOne }) => [zone, privateOne.subnet.id]));
    this.publicSubnets = Object.fromEntries(zones.map(({ zone, publicOne }) => [zone, publicOne.id]));
    this.ready = [this];
    this.registerOutputs({ vpcId: this.vpcId });
  }
}
