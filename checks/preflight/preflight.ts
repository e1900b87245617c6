/** Looks at the cluster before the graph is built, and refuses what would do harm. It never changes what is made. */
import process from "node:process";

import * as pulumi from "@pulumi/pulumi";

import type { Charts } from "../../stacks/charts.ts";
import type { Plan } from "../../stacks/plan.ts";
import { examine } from "./examine.ts";
import { PreflightError } from "./problem.ts";
import { stackState } from "./state.ts";

/** What the graph needs of it. */
export interface Preflight {
  /** Field managers of the objects in the stack's state, by their keys. */
  readonly fieldManagers: ReadonlyMap<string, string>;
}

/** How long the cluster may take for an answer, in seconds: a preview goes on without it. */
const patience = { preview: 5, up: 30 };

/**
 * A preview goes on where the cluster cannot be asked. What writes does not: it would take over whatever is there.
 * @throws PreflightError with everything that stands in the way
 */
export async function preflight(plan: Plan, charts: Charts): Promise<Preflight> {
  const stack = pulumi.getStack();
  const known = stackState();
  // It is awaited in the end, whatever comes between.
  known.catch(() => undefined);
  const place = { project: process.cwd(), environment: process.env };
  const writes = !pulumi.runtime.isDryRun();
  const subject = { stack, plan, charts, known: () => known };
  const { obstacles, notAsked } = await examine(subject, place, { timeout: patience[writes ? "up" : "preview"] });
  if (obstacles.length > 0) throw new PreflightError(stack, obstacles);
  if (notAsked !== undefined && plan.cluster.kind === "existing") {
    const message = `The cluster was not asked whether it holds objects of others: ${notAsked}`;
    if (writes) throw new PreflightError(stack, [{ message: `${message}.`, cures: [byHand] }]);
    await pulumi.log.info(message);
  }
  const { objects } = await known;
  return { fieldManagers: new Map([...objects].map(([key, { fieldManager }]) => [key, fieldManager])) };
}

const byHand =
  "Put `kubectl` on the PATH and see that `kubectl version` gets an answer with this kubeconfig, then run it again.";
