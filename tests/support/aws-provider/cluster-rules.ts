/** What EKS refuses. */
import { launchRefusal } from "./autoscaling.ts";
import type { Subject } from "./model.ts";
import { object, text, texts, type Value } from "./values.ts";

export function clusterRefusal({ inputs, before, account }: Subject): string | undefined {
  const subnets = texts(object(inputs["vpcConfig"])["subnetIds"]);
  const zones = new Set(
    subnets.map((id) => text(account.find("aws:ec2/subnet:Subnet", id)?.inputs["availabilityZone"])),
  );
  if (zones.size < 2) return `InvalidParameterException: the subnets are in ${zones.size} zone, and two are needed`;
  const from = minor(before?.["version"]);
  const to = minor(inputs["version"]);
  if (inputs["version"] !== undefined && to === undefined) {
    return `InvalidParameterException: ${text(inputs["version"]) ?? "it"} is not a minor version of Kubernetes`;
  }
  if (from === undefined || to === undefined || from === to) return undefined;
  return to === from + 1
    ? undefined
    : `InvalidParameterException: 1.${from} cannot become 1.${to}: clusters are upgraded by one minor version`;
}

export function nodeGroupRefusal({ inputs, account, before }: Subject): string | undefined {
  const { desiredSize, minSize, maxSize } = object(inputs["scalingConfig"]);
  if (!(Number(minSize) <= Number(desiredSize) && Number(desiredSize) <= Number(maxSize))) {
    return "InvalidParameterException: minSize <= desiredSize <= maxSize does not hold";
  }
  const cluster = account.find("aws:eks/cluster:Cluster", text(inputs["clusterName"]) ?? "");
  const own = minor(inputs["version"]);
  const control = minor(cluster?.outputs["version"]);
  if (own !== undefined && control !== undefined && own > control) {
    return `InvalidRequestException: nodes of 1.${own} are newer than the control plane, 1.${control}`;
  }
  const template = object(inputs["launchTemplate"]);
  const both = (name: string) => inputs[name] !== undefined && "id" in template;
  if (both("diskSize")) return "InvalidRequestException: disk size belongs into the launch template";
  return before && launchRefusal(before, account);
}

/** 36 of `1.36` */
function minor(version: Value | undefined): number | undefined {
  const digits = /^1\.(\d+)$/.exec(text(version) ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}
