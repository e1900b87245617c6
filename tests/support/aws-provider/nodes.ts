/** The instances of the node groups, as the cluster sees them. */
import type { Account, AwsResource } from "./account.ts";
import type { KubernetesApi } from "./kubernetes.ts";
import { list, object, text, texts } from "./values.ts";

/** Makes the cluster's nodes those of the account's node groups, with their labels, taints and sizes. */
export async function syncNodes(api: KubernetesApi, account: Account): Promise<void> {
  const resources = account.resources();
  const groups = resources.filter(({ token }) => token === "aws:eks/nodeGroup:NodeGroup");
  const wanted = new Map(groups.flatMap((group) => nodesOf(group, account)).map((node) => [node.metadata.name, node]));
  const { items } = JSON.parse(await api.call("GET", "/api/v1/nodes")) as { items: { metadata: { name: string } }[] };
  const present = new Set(items.map(({ metadata }) => metadata.name));
  for (const [name, node] of wanted) {
    if (!present.has(name)) await api.call("POST", "/api/v1/nodes", node);
  }
  for (const name of present) {
    if (!wanted.has(name)) await api.call("DELETE", `/api/v1/nodes/${name}`);
  }
}

function nodesOf({ inputs, outputs, seed }: AwsResource, account: Account) {
  const group = text(inputs["nodeGroupName"]) ?? "";
  const subnets = texts(inputs["subnetIds"]);
  const [type = "t3.medium"] = texts(outputs["instanceTypes"]);
  return Array.from({ length: Number(object(inputs["scalingConfig"])["desiredSize"]) }, (_, index) => {
    const subnet = account.find("aws:ec2/subnet:Subnet", subnets[index % subnets.length] ?? "");
    const zone = text(subnet?.inputs["availabilityZone"]) ?? "";
    const name = `${group}-${index}`;
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: {
          ...object(inputs["labels"]),
          "eks.amazonaws.com/capacityType": text(outputs["capacityType"]) ?? "",
          "eks.amazonaws.com/nodegroup": group,
          "kubernetes.io/arch": "amd64",
          "kubernetes.io/hostname": name,
          "kubernetes.io/os": "linux",
          "node.kubernetes.io/instance-type": type,
          "topology.kubernetes.io/region": zone.slice(0, -1),
          "topology.kubernetes.io/zone": zone,
        },
        annotations: { "bench.datalab/seed": seed },
      },
      spec: {
        providerID: `aws:///${zone}/${name}`,
        taints: list(inputs["taints"]).map((taint) => taintOf(object(taint))),
      },
      status: { allocatable: sizeOf(type), capacity: sizeOf(type) },
    };
  });
}

/** EKS writes `NO_SCHEDULE` where Kubernetes writes `NoSchedule`. */
function taintOf(taint: ReturnType<typeof object>): object {
  const effect = (text(taint["effect"]) ?? "")
    .toLowerCase()
    .replace(/(^|_)(.)/g, (_, __, letter: string) => letter.toUpperCase());
  return { key: taint["key"], ...(taint["value"] !== undefined && { value: taint["value"] }), effect };
}

/** `m7i.2xlarge`: eight processors, and four GiB for each. */
function sizeOf(type: string): Record<string, string> {
  const [family = "", size = ""] = type.split(".");
  const cpus =
    size === "medium"
      ? family.startsWith("t")
        ? 2
        : 1
      : size === "large"
        ? 2
        : 4 * Number(/^(\d+)?x/.exec(size)?.[1] ?? 1);
  const perCpu = family.startsWith("c") ? 2 : family.startsWith("r") ? 8 : size === "medium" ? 2 : 4;
  return { cpu: String(cpus), memory: `${cpus * perCpu}Gi`, pods: "110", "ephemeral-storage": "100Gi" };
}
