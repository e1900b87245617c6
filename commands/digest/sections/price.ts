/** What a month costs on AWS before and after, from the dated table. What it does not know is n/a, never guessed. */
import { machineHours, priceList, prices } from "../../../components/aws/prices.ts";
import type { Inputs } from "../../flip/engine-events.ts";
import type { Difference } from "../change.ts";
import type { Graph } from "../graph.ts";
import { listAt, objectAt, stringsAt, textAt } from "../inputs.ts";
import { code, line, type Section, type Text } from "../page.ts";
import { capacityIn } from "./capacity.ts";

/** Dollars a month by what is paid for; undefined where no price is known. */
export type Bill = ReadonlyMap<string, number | undefined>;

const hours = priceList.hoursInMonth;

/** What is paid for by the hour or the gigabyte, whatever people do. Empty without AWS. */
export function billOf(graph: Graph): Bill {
  const bill = new Map<string, number | undefined>();
  const add = (what: string, dollars: number | undefined) => {
    const sum = bill.has(what) ? bill.get(what) : 0;
    bill.set(what, sum === undefined || dollars === undefined ? undefined : sum + dollars);
  };
  const disks = diskSizes(graph);
  for (const { type, inputs, urn } of graph.values()) {
    switch (type) {
      case "aws:eks/cluster:Cluster":
        add("control plane", hours * prices.controlPlane.values.h);
        break;
      case "aws:eks/nodeGroup:NodeGroup": {
        const spot = textAt(inputs, "capacityType") === "SPOT";
        add(spot ? "nodes on spot" : "nodes on demand", spot ? undefined : machines(inputs));
        const size = disks.get(
          urn
            .split("::")
            .at(-1)
            ?.replace(/-nodes$/, "-template") ?? "",
        );
        add("disks of nodes", size === undefined ? undefined : nodesOf(inputs) * size * prices.nodeDisks.values.g);
        break;
      }
      case "aws:ec2/natGateway:NatGateway":
        add("NAT gateways", hours * prices.natGateway.values.h);
        break;
      case "aws:ec2/eip:Eip":
        add("public addresses", hours * prices.addresses.values.h);
        break;
      case "aws:lb/loadBalancer:LoadBalancer":
        add("load balancers", hours * prices.loadBalancer.values.h);
        if (inputs["internal"] !== true) add("public addresses", placesOf(inputs) * hours * prices.addresses.values.h);
        break;
      case "aws:ec2/vpcEndpoint:VpcEndpoint":
        if (textAt(inputs, "vpcEndpointType") === "Interface")
          add(
            "interface endpoints",
            Math.max(1, stringsAt(inputs, "subnetIds").length) * hours * prices.endpoints.values.h,
          );
        break;
      case "aws:kms/key:Key":
        add("keys", prices.keys.values.k);
        break;
      case "aws:route53/zone:Zone":
        add("hosted zones", prices.zones.values.z);
        break;
      default:
    }
  }
  const { claims } = capacityIn(graph);
  if (bill.has("control plane") && claims > 0)
    add("claims of the platform", (claims / 2 ** 30) * prices.volumes.values.g);
  return bill;
}

function nodesOf(inputs: Inputs): number {
  return Number(objectAt(inputs, "scalingConfig")["minSize"] ?? 0);
}

/** AWS takes the first type that it has. */
function machines(inputs: Inputs): number | undefined {
  const hourly = machineHours[stringsAt(inputs, "instanceTypes")[0] ?? ""];
  return hourly === undefined ? undefined : nodesOf(inputs) * hours * hourly;
}

function placesOf(inputs: Inputs): number {
  return Math.max(stringsAt(inputs, "subnets").length, listAt(inputs, "subnetMappings").length);
}

/** GB of a node's disk, by the name of the launch template. */
function diskSizes(graph: Graph): Map<string, number> {
  const templates = [...graph.values()].filter(({ type }) => type === "aws:ec2/launchTemplate:LaunchTemplate");
  return new Map(
    templates.flatMap(({ urn, inputs }) => {
      const size = Number(objectAt(listAt(inputs, "blockDeviceMappings")[0] ?? {}, "ebs")["volumeSize"]);
      return Number.isNaN(size) ? [] : [[urn.split("::").at(-1) ?? "", size] as const];
    }),
  );
}

/** Dollars a month that are known. */
export function knownSum(bill: Bill): number {
  return [...bill.values()].reduce<number>((sum, dollars) => sum + (dollars ?? 0), 0);
}

/** How much dearer a month becomes, as far as it is known; undefined where nothing runs on AWS. */
export function dearerBy({ before, after }: Difference): number | undefined {
  const [old, next] = [billOf(before), billOf(after)];
  return old.size + next.size === 0 ? undefined : round(knownSum(next) - knownSum(old));
}

function round(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}

export function priceSection({ before, after }: Difference): Section {
  const section = { id: "price", title: "What a month costs" };
  const [old, next] = [billOf(before), billOf(after)];
  const names = [...new Set([...old.keys(), ...next.keys()])].toSorted();
  if (names.length === 0)
    return { ...section, blocks: [], nothing: ["the price is n/a: nothing of this stack runs on AWS"] };
  const differing = names.filter((name) => cell(old, name) !== cell(next, name));
  if (differing.length === 0)
    return {
      ...section,
      blocks: [],
      nothing: [`a month costs the same (${knownSum(next).toFixed(2)} US dollars, as far as prices are known)`],
    };
  const rows = differing.map((name): Text[] => [[name], [cell(old, name)], [cell(next, name)]]);
  const sums: Text[] = [
    [{ strong: "together, as far as known" }],
    [knownSum(old).toFixed(2)],
    [knownSum(next).toFixed(2)],
  ];
  const unknown = names.filter((name) => next.has(name) && next.get(name) === undefined);
  const gaps = unknown.length === 0 ? "" : ` Not in the sum, because no price is known: ${unknown.join(", ")}.`;
  const text = line`US dollars, list prices of ${priceList.region} of ${priceList.day} (sources: ${code("docs/aws.md")}); other regions differ.${gaps} What is paid by use (traffic, S3, EFS, logs, requests) is not in it.`;
  return {
    ...section,
    nothing: [],
    blocks: [
      { kind: "table", head: ["part", "before", "after"], rows: [...rows, sums] },
      { kind: "text", text },
    ],
  };
}

function cell(bill: Bill, name: string): string {
  if (!bill.has(name)) return "–";
  return bill.get(name)?.toFixed(2) ?? "n/a";
}
