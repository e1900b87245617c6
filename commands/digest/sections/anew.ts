/** What is made anew without data: told by its reason, because many at once have one. */
import type { Change } from "../change.ts";
import { type Block, code, counted, type Inline, line, listed, type Text } from "../page.ts";

/** What people notice of it, by type. */
const noticed: Readonly<Record<string, string>> = {
  "aws:eks/nodeGroup:NodeGroup": "new nodes come, the old ones are drained: users' services on them end",
  "aws:lb/loadBalancer:LoadBalancer": "its address becomes another one",
  "aws:ec2/natGateway:NatGateway": "the address that the platform calls from becomes another one",
  "aws:ec2/eip:Eip": "the address becomes another one",
  "aws:ec2/vpc:Vpc": "everything in the network is made anew with it",
  "kubernetes:core/v1:Service": "its address inside of the cluster becomes another one",
  "kubernetes:apps/v1:Deployment": "its pods end before new ones run",
  "kubernetes:apps/v1:StatefulSet": "its pods end before new ones run",
};

export function anewBlocks(changes: readonly Change[]): Block[] {
  const all = changes.filter(({ fate, custom }) => custom && fate === "replaced");
  const jobs = all.filter(({ type }) => type.endsWith(":Job"));
  const rest = all.filter((change) => !jobs.includes(change));
  const items = [...byReason(rest).map(([reason, members]) => reasonLine(reason, members))];
  if (jobs.length > 0) {
    const run =
      jobs.length === 1
        ? "a Job runs again with its new content"
        : `${jobs.length} Jobs run again with their new content`;
    items.push(line`${run}: ${listed(names(jobs))}`);
  }
  if (items.length === 0) return [];
  const text = line`${{ strong: `Made anew, without data: ${counted(all.length, "resource")}` }}`;
  return [
    { kind: "text", text },
    { kind: "list", items },
  ];
}

function byReason(changes: readonly Change[]): [string, Change[]][] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const reason = change.replacing.map((path) => path.replaceAll(/\[[^\]]*\]/g, "[]"))[0] ?? "";
    groups.set(reason, [...(groups.get(reason) ?? []), change]);
  }
  return [...groups];
}

function reasonLine(reason: string, changes: readonly Change[]): Text {
  const why: Text =
    reason === ""
      ? []
      : reason === "provider"
        ? [", because they lie in another cluster"]
        : line`, because ${code(reason)} cannot be changed in place`;
  const notes = [...new Set(changes.flatMap(({ type }) => noticed[type] ?? []))];
  // Of a whole cluster everything is noticed.
  const note: Text =
    reason === "provider" || notes.length === 0 || notes.length > 2 ? [] : [`. People notice: ${notes.join("; ")}`];
  return line`${listed(names(changes))}${why}${note}`;
}

function names(changes: readonly Change[]): Inline[] {
  const shown = changes.slice(0, 4).map(({ label }) => code(label));
  return changes.length > 4 ? [...shown, `${changes.length - 4} more`] : shown;
}
