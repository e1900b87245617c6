import { accountId } from "../account.ts";
import { arn, field, hex, input, joined, type Model, orDefault, prefixed } from "../model.ts";
import { text } from "../values.ts";

const ec2 = (kind: string) => arn("ec2", (_, id) => `${kind}/${id}`);

export const networkModels: Readonly<Record<string, Model>> = {
  "aws:ec2/vpc:Vpc": {
    id: prefixed("vpc"),
    arn: ec2("vpc"),
    computed: (subject) => ({
      ...orDefault(subject, { enableDnsSupport: true, enableDnsHostnames: false, instanceTenancy: "default" }),
      defaultNetworkAclId: `acl-0${hex(subject, 16, "acl")}`,
      defaultRouteTableId: `rtb-0${hex(subject, 16, "routes")}`,
      defaultSecurityGroupId: `sg-0${hex(subject, 16, "group")}`,
      dhcpOptionsId: `dopt-0${hex(subject, 16, "dhcp")}`,
      mainRouteTableId: `rtb-0${hex(subject, 16, "routes")}`,
      ownerId: accountId,
    }),
  },
  "aws:ec2/subnet:Subnet": {
    id: prefixed("subnet"),
    arn: ec2("subnet"),
    computed: (subject) => ({
      availabilityZoneId: `${subject.region}-az${zoneNumber(input(subject, "availabilityZone"))}`,
      ownerId: accountId,
      privateDnsHostnameTypeOnLaunch: "ip-name",
    }),
  },
  "aws:ec2/internetGateway:InternetGateway": { id: prefixed("igw"), arn: ec2("internet-gateway") },
  "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": { id: prefixed("eigw") },
  "aws:ec2/eip:Eip": {
    id: prefixed("eipalloc"),
    arn: ec2("elastic-ip"),
    computed: (subject, id) => ({
      allocationId: id,
      domain: "vpc",
      publicIp: publicAddress(hex(subject, 2, "address")),
      publicDns: `ec2-${publicAddress(hex(subject, 2, "address")).replaceAll(".", "-")}.compute.amazonaws.com`,
    }),
  },
  "aws:ec2/natGateway:NatGateway": {
    id: prefixed("nat"),
    computed: (subject) => ({
      ...orDefault(subject, { connectivityType: "public" }),
      networkInterfaceId: `eni-0${hex(subject, 16, "interface")}`,
      publicIp: publicAddress(hex(subject, 2, "address")),
    }),
  },
  "aws:ec2/routeTable:RouteTable": { id: prefixed("rtb"), arn: ec2("route-table") },
  "aws:ec2/route:Route": {
    id: (subject) => `r-${input(subject, "routeTableId")}${hex(subject, 10)}`,
    computed: () => ({ origin: "CreateRoute", state: "active" }),
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": { id: prefixed("rtbassoc") },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    id: prefixed("vpce"),
    arn: ec2("vpc-endpoint"),
    computed: (subject) => ({
      ...orDefault(subject, { vpcEndpointType: "Gateway" }),
      prefixListId: `pl-${hex(subject, 8, "prefixes")}`,
      state: "available",
    }),
  },
  "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": { id: prefixed("a-vpce") },
  "aws:ec2/securityGroup:SecurityGroup": {
    id: prefixed("sg"),
    arn: ec2("security-group"),
    computed: (subject) => ({ ...orDefault(subject, { description: "Managed by Pulumi" }), ownerId: accountId }),
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    id: ({ account, inputs }) =>
      text(account.find("aws:ec2/vpc:Vpc", text(inputs["vpcId"]) ?? "")?.outputs["defaultSecurityGroupId"]) ?? "",
    arn: ec2("security-group"),
    computed: () => ({ name: "default", ownerId: accountId }),
  },
  "aws:ec2/securityGroupRule:SecurityGroupRule": { id: (subject) => `sgrule-${hex(subject, 10)}` },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": securityGroupRule(),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": securityGroupRule(),
  "aws:ec2/flowLog:FlowLog": { id: prefixed("fl"), arn: ec2("vpc-flow-log") },
  "aws:ec2/launchTemplate:LaunchTemplate": {
    id: prefixed("lt"),
    arn: ec2("launch-template"),
    // Every change makes another version.
    computed: ({ before }) => {
      const latestVersion = Number(before?.["latestVersion"] ?? 0) + 1;
      return { latestVersion, defaultVersion: latestVersion };
    },
    volatile: ["latestVersion", "defaultVersion"],
  },
  "aws:lb/loadBalancer:LoadBalancer": {
    id: (subject) => loadBalancerArn(subject, ""),
    arn: loadBalancerArn,
    computed: (subject) => ({
      ...orDefault(subject, { internal: false, loadBalancerType: "application", ipAddressType: "ipv4" }),
      arnSuffix: loadBalancerArn(subject, "").split(":loadbalancer/")[1] ?? "",
      dnsName: `${input(subject, "name")}-${hex(subject, 16)}.elb.${subject.region}.amazonaws.com`,
      zoneId: "Z1CMS0P5QUZ6D5",
    }),
  },
  "aws:lb/targetGroup:TargetGroup": {
    id: (subject) => targetGroupArn(subject, ""),
    arn: targetGroupArn,
    computed: (subject) => ({ arnSuffix: `targetgroup/${input(subject, "name")}/${hex(subject, 16)}` }),
  },
  "aws:lb/listener:Listener": { id: listenerArn, arn: listenerArn },
  "aws:autoscaling/attachment:Attachment": {
    id: (subject) => `${input(subject, "autoscalingGroupName")}-${hex(subject, 12)}`,
  },
  "aws:ec2/networkInterface:NetworkInterface": { id: prefixed("eni"), arn: ec2("network-interface") },
  "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation": { id: prefixed("a-vpce") },
  "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": { id: prefixed("rtbassoc") },
  "aws:ec2/keyPair:KeyPair": { id: field("keyName") },
  "aws:ec2/securityGroupAssociation:SecurityGroupAssociation": { id: joined("/", "vpcEndpointId", "securityGroupId") },
};

function securityGroupRule(): Model {
  return {
    id: prefixed("sgr"),
    arn: ec2("security-group-rule"),
    computed: (_, id) => ({ securityGroupRuleId: id }),
  };
}

function loadBalancerArn(...[subject]: Parameters<NonNullable<Model["arn"]>>): string {
  const kind = input(subject, "loadBalancerType") === "network" ? "net" : "app";
  const path = `loadbalancer/${kind}/${input(subject, "name")}/${hex(subject, 16)}`;
  return `arn:aws:elasticloadbalancing:${subject.region}:${accountId}:${path}`;
}

function targetGroupArn(...[subject, id]: Parameters<NonNullable<Model["arn"]>>): string {
  return arn("elasticloadbalancing", (s) => `targetgroup/${input(s, "name")}/${hex(s, 16)}`)(subject, id);
}

function listenerArn(subject: Parameters<Model["id"]>[0]): string {
  return `${input(subject, "loadBalancerArn").replace(":loadbalancer/", ":listener/")}/${hex(subject, 16)}`;
}

/** An address of the range that is kept for documents. */
function publicAddress(digits: string): string {
  return `203.0.113.${Number.parseInt(digits, 16)}`;
}

/** `eu-west-1b` is the second. */
function zoneNumber(zone: string): number {
  return zone.charCodeAt(zone.length - 1) - "a".charCodeAt(0) + 1;
}
