import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import type * as pulumi from "@pulumi/pulumi";

import type { NewNetworkSettings } from "../aws/network-settings.ts";

/** Services of AWS behind each word of the settings. */
const services: Readonly<Record<NewNetworkSettings["endpoints"][number], readonly string[]>> = {
  ecr: ["ecr.api", "ecr.dkr"],
  sts: ["sts"],
};

export interface EndpointsArgs {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: string;
  readonly region: string;
  readonly endpoints: NewNetworkSettings["endpoints"];
  readonly routeTableIds: readonly pulumi.Output<string>[];
  readonly subnetIds: readonly pulumi.Output<string>[];
}

/** Ways to services of AWS that do not leave the VPC: S3 by the route tables, others by an address in each zone. */
export function vpcEndpoints(name: string, args: EndpointsArgs, child: pulumi.CustomResourceOptions): void {
  const { vpcId, cidr, region, routeTableIds, subnetIds } = args;
  const serviceName = (service: string) => `com.amazonaws.${region}.${service}`;
  new VpcEndpoint(
    `${name}-s3`,
    { vpcId, serviceName: serviceName("s3"), vpcEndpointType: "Gateway", routeTableIds: [...routeTableIds] },
    child,
  );
  if (args.endpoints.length === 0) return;
  const group = new SecurityGroup(`${name}-endpoints`, { vpcId, description: "HTTPS from inside the VPC" }, child);
  new SecurityGroupIngressRule(
    `${name}-endpoints-https`,
    { securityGroupId: group.id, cidrIpv4: cidr, ipProtocol: "tcp", fromPort: 443, toPort: 443 },
    child,
  );
  for (const service of args.endpoints.toSorted().flatMap((word) => services[word])) {
    new VpcEndpoint(
      `${name}-${service.replace(".", "-")}`,
      {
        vpcId,
        serviceName: serviceName(service),
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: [...subnetIds],
        securityGroupIds: [group.id],
      },
      child,
    );
  }
}
