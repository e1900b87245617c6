import { Eip } from "@pulumi/aws/ec2/eip.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import type * as pulumi from "@pulumi/pulumi";

import { everywhere, privateSubnetTags, publicSubnetTags, type ZonePlan } from "./subnets.ts";

/** What every part of a zone is made with. */
export interface ZoneContext {
  /** Logical name of the network. */
  readonly name: string;
  /** Name that people see in the AWS console. */
  readonly displayName: string;
  readonly vpcId: pulumi.Output<string>;
  readonly child: pulumi.CustomResourceOptions;
}

/** A subnet whose addresses can be reached from the internet. */
export function publicSubnet(context: ZoneContext, plan: ZonePlan, routes: RouteTable): Subnet {
  return subnet(context, `public-${plan.zone}`, plan.zone, plan.publicCidr, publicSubnetTags, routes);
}

/** A way to the internet for private subnets, with an address that stays. */
export function natGateway(
  { name, displayName, child }: ZoneContext,
  { zone }: ZonePlan,
  place: Subnet,
  internet: pulumi.Resource,
): NatGateway {
  const tags = { Name: `${displayName}-${zone}` };
  const address = new Eip(`${name}-nat-${zone}-address`, { domain: "vpc", tags }, child);
  return new NatGateway(
    `${name}-nat-${zone}`,
    { allocationId: address.id, subnetId: place.id, tags },
    { ...child, dependsOn: [internet] },
  );
}

/** A subnet that is reached from inside the VPC alone, and its own route table. */
export function privateSubnet(
  context: ZoneContext,
  plan: ZonePlan,
  gateway: NatGateway,
): { subnet: Subnet; routes: RouteTable } {
  const { name, displayName, vpcId, child } = context;
  const place = `private-${plan.zone}`;
  const tags = { Name: `${displayName}-${place}` };
  const routes = new RouteTable(`${name}-${place}-routes`, { vpcId, tags }, child);
  new Route(
    `${name}-${place}-default`,
    { routeTableId: routes.id, destinationCidrBlock: everywhere, natGatewayId: gateway.id },
    child,
  );
  return { subnet: subnet(context, place, plan.zone, plan.privateCidr, privateSubnetTags, routes), routes };
}

function subnet(
  { name, displayName, vpcId, child }: ZoneContext,
  place: string,
  availabilityZone: string,
  cidrBlock: string,
  roleTags: Readonly<Record<string, string>>,
  routes: RouteTable,
): Subnet {
  const tags = { Name: `${displayName}-${place}`, ...roleTags };
  const made = new Subnet(`${name}-${place}`, { vpcId, availabilityZone, cidrBlock, tags }, child);
  const association = { subnetId: made.id, routeTableId: routes.id };
  new RouteTableAssociation(`${name}-${place}-association`, association, child);
  return made;
}
