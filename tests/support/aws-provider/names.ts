/** Names of resources that AWS wants one for. */
import { createHash } from "node:crypto";

import type { Failure } from "./check-shape.ts";
import { text, type Values } from "./values.ts";

/** Kinds that get a name of the provider's choice, as the real one does: the field, and how long it may be. */
const names: Readonly<Record<string, { readonly field: string; readonly longest: number }>> = {
  "aws:cloudwatch/logGroup:LogGroup": { field: "name", longest: 512 },
  "aws:ec2/launchTemplate:LaunchTemplate": { field: "name", longest: 125 },
  "aws:ec2/securityGroup:SecurityGroup": { field: "name", longest: 255 },
  "aws:eks/cluster:Cluster": { field: "name", longest: 100 },
  "aws:eks/nodeGroup:NodeGroup": { field: "nodeGroupName", longest: 63 },
  "aws:iam/instanceProfile:InstanceProfile": { field: "name", longest: 128 },
  "aws:iam/policy:Policy": { field: "name", longest: 128 },
  "aws:iam/role:Role": { field: "name", longest: 64 },
  "aws:iam/rolePolicy:RolePolicy": { field: "name", longest: 128 },
  "aws:lb/loadBalancer:LoadBalancer": { field: "name", longest: 32 },
  "aws:lb/targetGroup:TargetGroup": { field: "name", longest: 32 },
  "aws:s3/bucket:Bucket": { field: "bucket", longest: 63 },
};

/**
 * A name where the program gives none. What exists keeps its own. The engine asks for a replacement's without the old inputs:
 * it gets another one, so that both can be there at once.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/names/
 */
export function generatedName(token: string, urn: string, news: Values, { olds = {}, seed = "" }: Origin): Values {
  const name = names[token];
  if (name === undefined || news[name.field] !== undefined || news[`${name.field}Prefix`] !== undefined) return {};
  const before = olds["__generated"] === name.field ? text(olds[name.field]) : undefined;
  const own = urn.split("::").at(-1) ?? "";
  const digits = createHash("sha256").update(`${urn} ${seed}`).digest("hex").slice(0, 7);
  return { [name.field]: before ?? `${own}-${digits}`, __generated: name.field };
}

/** What a generated name comes from. */
export interface Origin {
  /** Inputs of the resource that exists; absent for a new one, and for what replaces it. */
  readonly olds?: Values | undefined;
  /** The engine's dice. */
  readonly seed?: string | undefined;
}

export function nameFailures(token: string, inputs: Values): Failure[] {
  const { field = "name", longest = Infinity } = names[token] ?? {};
  const name = text(inputs[field]) ?? "";
  return name.length <= longest ? [] : [{ property: field, reason: `${name} is longer than ${longest}` }];
}

/** The field with a resource's name. */
export function nameField(token: string): string {
  return names[token]?.field ?? "name";
}
