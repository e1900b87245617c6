/** What AWS itself refuses, of the kinds that a mistake in the program would meet. Messages begin with AWS's own code. */
import { BlockList, isIPv4 } from "node:net";

import { type Account, accountId, type AwsResource } from "./account.ts";
import type { Failure } from "./check-shape.ts";
import { clusterRefusal, nodeGroupRefusal } from "./cluster-rules.ts";
import { policyFailures } from "./policy-rules.ts";
import type { Subject } from "./model.ts";
import { strings, text, texts, type Values } from "./values.ts";

/** Checks that need no account: they hold in a preview as well. */
export function failuresOf(token: string, inputs: Values): Failure[] {
  const cidrs = strings(inputs).filter(({ path }) => /cidrs?(block|ipv4)?s?(\[\d+\])?$/i.test(path));
  return [
    ...policyFailures(token, inputs),
    ...cidrs
      .filter(({ text: cidr }) => !isNetwork(cidr) && !cidr.includes(":"))
      .map(({ path, text: cidr }) => ({ property: path, reason: `${cidr} is not a network, such as 10.0.0.0/16` })),
  ];
}

/** Why AWS would not create or change this; undefined where it would. */
export function refusal(subject: Subject, id: string): string | undefined {
  const { token, account, before } = subject;
  const missing = missingReference(subject);
  if (missing !== undefined) return missing;
  if (before === undefined && account.find(token, id)) return `AlreadyExists: there is a ${token} ${id}`;
  switch (token) {
    case "aws:ec2/subnet:Subnet":
      return subnetRefusal(subject, id);
    case "aws:eks/cluster:Cluster":
      return clusterRefusal(subject);
    case "aws:eks/nodeGroup:NodeGroup":
      return nodeGroupRefusal(subject);
    case "aws:route53/record:Record":
      return recordRefusal(subject);
    default:
      return undefined;
  }
}

/** Ids that AWS gives; something in this account must have each that is used. */
const generatedId = /^(vpc|subnet|sg|rtb|igw|eigw|nat|eipalloc|vpce|fs|lt)-0[0-9a-f]{16}$/;
const ownArn = new RegExp(`^arn:aws:[a-z0-9-]+:[a-z0-9-]*:${accountId}:[^*]*$`);

function missingReference({ inputs, account }: Subject): string | undefined {
  const plain = strings(inputs).filter(({ path }) => !/policy|document/i.test(path));
  const existing = account.resources();
  const known = new Set(existing.flatMap(({ outputs, id }) => [id, ...strings(outputs).map(({ text }) => text)]));
  const isId = (value: string) => generatedId.test(value) || ownArn.test(value);
  const gone = plain.find(({ text: value, path }) => isId(value) && !/principal/i.test(path) && !known.has(value));
  if (gone) return `NotFound: ${gone.path}: there is no ${gone.text}`;
  const name = text(inputs["clusterName"]);
  if (name !== undefined && !account.find("aws:eks/cluster:Cluster", name)) {
    return `ResourceNotFoundException: there is no cluster ${name}`;
  }
  return undefined;
}

function subnetRefusal({ inputs, account, region }: Subject, id: string): string | undefined {
  const vpcId = text(inputs["vpcId"]) ?? "";
  const vpc = account.find("aws:ec2/vpc:Vpc", vpcId);
  const own = text(inputs["cidrBlock"]) ?? "";
  const outer = text(vpc?.inputs["cidrBlock"]);
  if (outer !== undefined && !contains(outer, own)) return `InvalidSubnet.Range: ${own} is not within ${outer}`;
  const zone = text(inputs["availabilityZone"]);
  if (zone !== undefined && !zone.startsWith(region)) return `InvalidParameterValue: ${zone} is not in ${region}`;
  const other = account.resources().find((resource) => {
    const cidr = text(resource.inputs["cidrBlock"]) ?? "";
    const sibling = resource.token === "aws:ec2/subnet:Subnet" && resource.inputs["vpcId"] === vpcId;
    return sibling && resource.id !== id && (contains(cidr, own) || contains(own, cidr));
  });
  return other && `InvalidSubnet.Conflict: ${own} overlaps with ${other.id}`;
}

function recordRefusal({ inputs }: Subject): string | undefined {
  const values = texts(inputs["records"]);
  if (inputs["type"] === "A") {
    const wrong = values.find((value) => !isIPv4(value));
    if (wrong !== undefined) return `InvalidChangeBatch: A record with ${wrong}, which is no address`;
  }
  const name = text(inputs["name"]) ?? "";
  return name.includes("..") ? `InvalidDomainName: ${name}` : undefined;
}

/** What cannot be deleted as long as something of these kinds uses it, and the error that says so. */
const holders: Readonly<Record<string, { readonly code: string; readonly heldBy: RegExp }>> = {
  "aws:ec2/vpc:Vpc": {
    code: "DependencyViolation",
    heldBy:
      /^aws:(lb\/targetGroup:|ec2\/(subnet|securityGroup|internetGateway|vpcEndpoint|routeTable|natGateway):|eks\/cluster:)/,
  },
  "aws:ec2/subnet:Subnet": {
    code: "DependencyViolation",
    heldBy: /^aws:(ec2\/(natGateway|vpcEndpoint):|eks\/(cluster|nodeGroup):|efs\/mountTarget:|lb\/)/,
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    code: "DependencyViolation",
    heldBy: /^aws:(eks\/cluster:|efs\/mountTarget:|ec2\/(vpcEndpoint|securityGroupRule|launchTemplate):|lb\/)/,
  },
  "aws:ec2/eip:Eip": { code: "InvalidAddress.InUse", heldBy: /^aws:ec2\/natGateway:/ },
  "aws:eks/cluster:Cluster": { code: "ResourceInUseException", heldBy: /^aws:eks\/nodeGroup:/ },
  "aws:efs/fileSystem:FileSystem": { code: "FileSystemInUse", heldBy: /^aws:efs\/mountTarget:/ },
  "aws:lb/targetGroup:TargetGroup": { code: "ResourceInUse", heldBy: /^aws:lb\/listener:/ },
  "aws:iam/policy:Policy": { code: "DeleteConflict", heldBy: /^aws:iam\/rolePolicyAttachment:/ },
  "aws:iam/role:Role": {
    code: "DeleteConflict",
    heldBy: /^aws:iam\/(rolePolicy|rolePolicyAttachment|instanceProfile):/,
  },
  "aws:route53/zone:Zone": { code: "HostedZoneNotEmpty", heldBy: /^aws:route53\/record:/ },
};

/** Why AWS would not delete this. */
export function deletionRefusal(resource: AwsResource, account: Account): string | undefined {
  const { deletionProtection } = resource.outputs;
  if (resource.token === "aws:eks/cluster:Cluster" && deletionProtection === true) {
    return `InvalidRequestException: ${resource.id} is protected against deletion`;
  }
  const mapped = resource.token === "aws:ec2/internetGateway:InternetGateway" && mappedAddress(resource, account);
  if (mapped) return `DependencyViolation: ${resource.id}: ${mapped.id} has a public address in the network`;
  const rule = holders[resource.token];
  if (rule === undefined) return undefined;
  const names = new Set([resource.id, ...[text(resource.outputs["arn"]) ?? []].flat()]);
  const holder = account
    .resources()
    .find(
      ({ token, inputs }) => rule.heldBy.test(token) && strings(inputs).some(({ text: value }) => names.has(value)),
    );
  return holder && `${rule.code}: ${resource.id} is in use by ${holder.id} (${holder.token})`;
}

/** What has a public address in the network of an internet gateway. */
function mappedAddress({ inputs }: AwsResource, account: Account): AwsResource | undefined {
  const inNetwork = (subnet: string) =>
    account.find("aws:ec2/subnet:Subnet", subnet)?.inputs["vpcId"] === inputs["vpcId"];
  return account.resources().find(({ token, inputs: of, outputs }) => {
    const balancer = token === "aws:lb/loadBalancer:LoadBalancer" && outputs["internal"] === false;
    const nat = token === "aws:ec2/natGateway:NatGateway";
    const subnets = nat ? [text(of["subnetId"]) ?? ""] : texts(of["subnets"]);
    return (balancer || nat) && subnets.some(inNetwork);
  });
}

function isNetwork(cidr: string): boolean {
  const [address = "", length = "", ...rest] = cidr.split("/");
  return isIPv4(address) && /^\d+$/.test(length) && Number(length) <= 32 && rest.length === 0;
}

/** Whether one network holds all of another. */
export function contains(outer: string, inner: string): boolean {
  if (!isNetwork(outer) || !isNetwork(inner)) return false;
  const [address = "", length] = outer.split("/");
  const [start = "", innerLength] = inner.split("/");
  const block = new BlockList();
  block.addSubnet(address, Number(length));
  return Number(innerLength) >= Number(length) && block.check(start);
}
