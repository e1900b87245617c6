/** What the platform asks of its nodes, and what they have. */
import { capacityOf } from "../../../components/aws/instances.ts";
import type { Inputs } from "../../flip/engine-events.ts";
import type { Difference } from "../change.ts";
import { type Graph, nameOf, partOf } from "../graph.ts";
import { listAt, objectAt, stringsAt, textAt } from "../inputs.ts";
import { line, type Section, type Text } from "../page.ts";
import { amountOf, cpusText, gibText } from "../quantities.ts";

/** An amount of both. */
export interface Room {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

export interface NodeGroup {
  readonly name: string;
  /** Takes the platform's own parts. */
  readonly platform: boolean;
  readonly nodes: number;
  /** Of one node: of the smallest of its types; undefined for types that are not known here. */
  readonly each: Room | undefined;
}

export interface Capacity {
  /** Requests by part; a part that asks for nothing is left out. */
  readonly requests: Readonly<Record<string, Room>>;
  readonly total: Room;
  /** GiB of the claims of StatefulSets, as bytes. */
  readonly claims: number;
  /** Empty on a cluster of somebody else. */
  readonly groups: readonly NodeGroup[];
}

export function capacityIn(graph: Graph): Capacity {
  const requests: Record<string, Room> = {};
  let claims = 0;
  for (const { urn, inputs } of graph.values()) {
    const room = requestOf(inputs);
    const name = partOf(urn, graph).name;
    if (room.cpus + room.memory > 0) requests[name] = plus(requests[name] ?? none, room);
    claims += claimsOf(inputs);
  }
  const total = Object.values(requests).reduce(plus, none);
  return {
    requests,
    total,
    claims,
    groups: [...graph.values()].flatMap(({ type, urn, inputs }) => groupOf(type, urn, inputs)),
  };
}

const none: Room = { cpus: 0, memory: 0 };

function plus(a: Room, b: Room): Room {
  return { cpus: a.cpus + b.cpus, memory: a.memory + b.memory };
}

function minus(a: Room, b: Room): Room {
  return { cpus: a.cpus - b.cpus, memory: a.memory - b.memory };
}

/** Of what runs all the time. Jobs come and go. */
function requestOf(inputs: Inputs): Room {
  const kind = textAt(inputs, "kind");
  if (kind !== "Deployment" && kind !== "StatefulSet") return none;
  const spec = objectAt(inputs, "spec");
  const pod = objectAt(objectAt(spec, "template"), "spec");
  const each = listAt(pod, "containers")
    .map((container) => objectAt(objectAt(container, "resources"), "requests"))
    .map((asks) => ({ cpus: amountOf(asks["cpu"]) ?? 0, memory: amountOf(asks["memory"]) ?? 0 }))
    .reduce(plus, none);
  const replicas = Number(spec["replicas"] ?? 1);
  return { cpus: each.cpus * replicas, memory: each.memory * replicas };
}

function claimsOf(inputs: Inputs): number {
  const spec = objectAt(inputs, "spec");
  const sizes = listAt(spec, "volumeClaimTemplates").map((claim) => {
    const asks = objectAt(objectAt(objectAt(claim, "spec"), "resources"), "requests");
    return amountOf(asks["storage"]) ?? 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0) * Number(spec["replicas"] ?? 1);
}

function groupOf(type: string, urn: string, inputs: Inputs): NodeGroup[] {
  if (type !== "aws:eks/nodeGroup:NodeGroup") return [];
  const sizes = stringsAt(inputs, "instanceTypes").map(capacityOf);
  const smallest = sizes.includes(undefined)
    ? undefined
    : sizes.reduce(
        (least, size) => (size !== undefined && size.memory < (least?.memory ?? Infinity) ? size : least),
        undefined,
      );
  return [
    {
      name: nameOf(urn).replace(/^cluster-(.*)-nodes$/, "$1"),
      platform: textAt(inputs, "capacityType") !== "SPOT" && listAt(inputs, "taints").length === 0,
      nodes: Number(objectAt(inputs, "scalingConfig")["minSize"] ?? 0),
      each: smallest && { cpus: smallest.cpus, memory: smallest.memory * 2 ** 30 },
    },
  ];
}

/** Whether the platform's requests fit, and what is left. */
export interface Fit {
  readonly room: Room;
  readonly left: Room;
  /** With the largest of its nodes lost. */
  readonly leftWithoutOne: Room;
  readonly fits: boolean;
  readonly fitsWithoutOne: boolean;
}

/** Undefined where the nodes are not known. */
export function fitOf({ groups, total }: Pick<Capacity, "groups" | "total">): Fit | undefined {
  const own = groups.filter(({ platform }) => platform);
  const sizes = own.flatMap(({ nodes, each }) => (each === undefined ? [] : Array<Room>(nodes).fill(each)));
  if (own.length === 0 || own.some(({ each }) => each === undefined)) return undefined;
  const room = sizes.reduce(plus, none);
  const largest = sizes.toSorted((a, b) => b.memory - a.memory)[0] ?? none;
  const [left, leftWithoutOne] = [minus(room, total), minus(minus(room, largest), total)];
  const isEnough = ({ cpus, memory }: Room) => cpus >= 0 && memory >= 0;
  return { room, left, leftWithoutOne, fits: isEnough(left), fitsWithoutOne: isEnough(leftWithoutOne) };
}

export function capacitySection({ before, after }: Difference): Section {
  const [old, next] = [capacityIn(before), capacityIn(after)];
  const names = [...new Set([...Object.keys(old.requests), ...Object.keys(next.requests)])].toSorted();
  const differing = names.filter((name) => roomText(old.requests[name]) !== roomText(next.requests[name]));
  const rows = [
    ...differing.map((name) => row(name, old.requests[name], next.requests[name])),
    row("together", old.total, next.total),
  ];
  const claims = row("claims of the platform", undefined, undefined);
  claims.splice(1, 2, [gibText(old.claims)], [gibText(next.claims)]);
  const isSame =
    differing.length === 0 && old.claims === next.claims && JSON.stringify(old.groups) === JSON.stringify(next.groups);
  if (isSame) {
    const nothing = line`the platform asks for the same (${roomText(next.total)}). ${fitText(next)}`;
    return { id: "capacity", title: "Room on the nodes", blocks: [], nothing };
  }
  return {
    id: "capacity",
    title: "Room on the nodes",
    nothing: [],
    blocks: [
      { kind: "table", head: ["requests", "before", "after"], rows: [...rows, claims] },
      { kind: "text", text: fitText(next) },
    ],
  };
}

function row(name: string, before: Room | undefined, after: Room | undefined): Text[] {
  return [[{ strong: name }], [roomText(before)], [roomText(after)]];
}

function roomText(room: Room | undefined): string {
  return room === undefined ? "–" : `${cpusText(room.cpus)}, ${gibText(room.memory)}`;
}

function fitText(capacity: Capacity): Text {
  const fit = fitOf(capacity);
  if (fit === undefined) return ["Whether it fits is n/a: the size of the nodes is not known here."];
  const verdict = fit.fitsWithoutOne
    ? "It fits, also with one node lost."
    : fit.fits
      ? "It fits, but not with one node lost."
      : "It does not fit.";
  const rest = `The fewest nodes for the platform have ${roomText(fit.room)}; ${roomText(fit.left)} stay for users, with one node lost ${roomText(fit.leftWithoutOne)}.`;
  return line`${{ strong: verdict }} ${rest} What the nodes' own system and add-ons keep for themselves is not subtracted.`;
}
