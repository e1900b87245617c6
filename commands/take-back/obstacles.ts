/** Why a stack cannot be taken back. */
import { type Obstacle, textOfObstacles } from "../../checks/preflight/problem.ts";
import { PlatformError } from "../../components/errors.ts";
import type { Owner } from "../../components/kubernetes/owner.ts";
import { namespaces } from "../../components/names.ts";
import type { KeptValue } from "../../components/kept-value.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { Step } from "../flip/engine-events.ts";
import { belongTogether } from "./outputs.ts";
import type { Found } from "./secrets.ts";
import { type StateResource, textOfEntry } from "./state.ts";

/** Everything that stands in the way, in one error. Nothing has been written. */
export class Refused extends PlatformError {
  constructor(stack: string, obstacles: readonly Obstacle[]) {
    super(`Stack ${stack} cannot be taken back; nothing has been changed.`, textOfObstacles(obstacles));
  }
}

const fromCopy = "Bring back a copy of its state: `pulumi stack import --file <copy>`.";

/** A cluster of the platform's own is in the state with its network and its keys, which nothing in it tells. */
export function unsupported({ cluster }: Settings): Obstacle[] {
  if (cluster.kind === "existing") return [];
  return [{ message: "The stack has made its cluster, which is no part of what a cluster holds.", cures: [fromCopy] }];
}

/** @param resources what the state knows */
export function stateObstacles(stack: string, exists: boolean, resources: readonly StateResource[] = []): Obstacle[] {
  if (!exists) {
    return [{ message: `This backend has no stack ${stack}.`, cures: [`pulumi stack init ${stack}`] }];
  }
  // An `up` that was refused leaves the stack itself, and providers.
  const known = resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:"));
  if (known.length === 0) return [];
  const count = known.length === 1 ? "a resource" : `${known.length} resources`;
  const message = `The state is not lost: it knows ${count}, ${known[0]?.urn.split("::").at(-1) ?? ""} among them.`;
  return [{ message, cures: [`pulumi up --stack ${stack}`] }];
}

/** The cluster's side of it. */
export interface Evidence extends Found {
  readonly owner: Owner;
  readonly taken: readonly KeptValue[];
}

export function clusterObstacles(stack: string, { owner, values, taken, missing, foreign }: Evidence): Obstacle[] {
  if (foreign.length > 0) {
    const message = `${foreign.join(", ")}: not marked as this stack's own, \`datalab.dev/owner: ${owner.label}\`.`;
    return [{ message, cures: ["Choose the stack, or the cluster, that they belong to."] }];
  }
  if (taken.length === 0) {
    const message = "The cluster holds none of the stack's Secrets: there is nothing to take back.";
    return [{ message, cures: [`pulumi up --stack ${stack}`] }];
  }
  const lost = missing.filter(({ irreplaceable }) => irreplaceable);
  const split = taken.filter(({ entry, inputs: { privateKeyPem } = {} }) => {
    const [certificate, key] = [
      values.get(textOfEntry(entry)),
      privateKeyPem && values.get(textOfEntry(privateKeyPem)),
    ];
    return certificate !== undefined && key !== undefined && !belongTogether(certificate, key);
  });
  return [
    ...lost.map(({ entry }) => ({
      message: `Secret ${entry.namespace}/${entry.name} has no ${entry.key}, and what is there opens to that alone.`,
      cures: [
        "Put the Secret back from a copy, or, if nobody misses the accounts and settings:",
        `  kubectl delete namespace ${namespaces.identity}`,
      ],
    })),
    ...split.map(({ entry }) => ({
      message: `Secret ${entry.namespace}/${entry.name} holds a certificate and a key that do not belong together.`,
      cures: ["Put the Secret back from a copy."],
    })),
  ];
}

/** What lies on AWS is in no Secret. */
export function awsObstacles(steps: readonly Step[]): Obstacle[] {
  const parts = steps.filter(({ custom, type }) => custom && type.startsWith("aws:"));
  if (parts.length === 0) return [];
  const names = parts.map(({ type, urn }) => `${type.split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? ""}`);
  return [
    { message: `The stack has parts on AWS, which the cluster cannot tell: ${names.join(", ")}.`, cures: [fromCopy] },
  ];
}
