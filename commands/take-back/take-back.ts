/** Gives a stack whose state was lost the passwords back that are in its cluster. */
import { randomUUID } from "node:crypto";

import { Kubectl } from "../../checks/kubectl/kubectl.ts";
import type { Place } from "../../checks/kubectl/kubeconfig.ts";
import type { Obstacle } from "../../checks/preflight/problem.ts";
import { ownerOf } from "../../components/kubernetes/owner.ts";
import type { KeptValue } from "../../components/kept-value.ts";
import { planOf } from "../../stacks/plan.ts";
import { connectionOf, readSettings, type StackOptions } from "../stack-file/connection.ts";
import { type Pulumi, PulumiError, pulumiIn } from "../stack-file/pulumi.ts";
import { awsObstacles, clusterObstacles, Refused, stateObstacles, unsupported } from "./obstacles.ts";
import { previewWithoutCluster } from "./preview.ts";
import { foundIn, readSecrets } from "./secrets.ts";
import { stateResources, type StateResource } from "./state.ts";

/** What is in the state now, or would be. */
export interface TakenBack {
  readonly stack: string;
  /** Values that were found. Never the values themselves. */
  readonly taken: readonly KeptValue[];
  /** Values that no Secret holds: the next `up` makes others. */
  readonly renewed: readonly KeptValue[];
  readonly written: boolean;
}

/** What `pulumi stack export` says. */
interface Deployment {
  readonly version: number;
  readonly deployment: { readonly resources?: readonly StateResource[] };
}

/**
 * Reads the cluster, and writes the stack's state alone.
 *
 * @param write whether it may
 * @throws Refused with everything that stands in the way; KubectlError, PulumiError, SettingsError
 */
export async function takeBack(options: StackOptions, place: Place, write: boolean): Promise<TakenBack> {
  const { stack } = options;
  const settings = await readSettings(options, place);
  refuse(stack, unsupported(settings));
  const pulumi = pulumiIn(place.project, place);
  const exported = await exportOf(pulumi, stack);
  refuse(stack, stateObstacles(stack, exported !== undefined, exported?.deployment.resources));

  const { keptValues: kept } = planOf(settings);
  const kubectl = new Kubectl({ ...connectionOf(settings, options, place), ...place, timeout: options.timeout });
  try {
    const secrets = await readSecrets(kept, kubectl);
    const owner = ownerOf(stack.split("/").at(-1) ?? stack, settings.cluster.clusterIdentifier);
    const found = foundIn(secrets, kept, owner);
    const { values, missing } = found;
    const taken = kept.filter((one) => !missing.includes(one));
    refuse(stack, clusterObstacles(stack, { ...found, owner, taken }));
    const steps = await previewWithoutCluster(pulumi, stack, options.stackFile);
    refuse(stack, awsObstacles(steps));
    const resources = stateResources(steps, taken, values, randomUUID);
    if (write) {
      const deployment = { ...exported, deployment: { ...exported?.deployment, resources } };
      // On standard input: no command line and no file holds a value.
      await pulumi.run(["stack", "import", "--stack", stack, "--non-interactive"], JSON.stringify(deployment));
    }
    return { stack, taken, renewed: missing, written: write };
  } finally {
    kubectl.close();
  }
}

function refuse(stack: string, obstacles: readonly Obstacle[]): void {
  if (obstacles.length > 0) throw new Refused(stack, obstacles);
}

/** Undefined where there is no such stack. */
async function exportOf(pulumi: Pulumi, stack: string): Promise<Deployment | undefined> {
  try {
    return JSON.parse(await pulumi.run(["stack", "export", "--stack", stack, "--non-interactive"])) as Deployment;
  } catch (error) {
    if (error instanceof PulumiError && error.message.includes("no stack named")) return undefined;
    throw error;
  }
}
