/** Looks at the cluster before the graph is built, and refuses what would do harm. It never changes what is made. */
import process from "node:process";

import * as pulumi from "@pulumi/pulumi";

import type { Charts } from "../stacks/charts.ts";
import type { Settings } from "../stacks/settings.ts";
import { examine } from "./examine.ts";
import { PreflightError } from "./problem.ts";
import { stateObjects } from "./state.ts";

/** What the graph needs of it. */
export interface Preflight {
  /** Field managers of the objects in the stack's state, by their keys. */
  readonly fieldManagers: ReadonlyMap<string, string>;
}

/** @throws PreflightError with everything that stands in the way */
export async function preflight(settings: Settings, charts: Charts): Promise<Preflight> {
  const stack = pulumi.getStack();
  const known = stateObjects();
  const place = { project: process.cwd(), environment: process.env };
  const { obstacles, notAsked } = await examine({ stack, settings, charts, known }, place);
  if (obstacles.length > 0) throw new PreflightError(stack, obstacles);
  if (notAsked !== undefined && settings.cluster.kind === "existing")
    await pulumi.log.info(`The cluster was not asked whether it holds objects of others: ${notAsked}`);
  return { fieldManagers: new Map([...(await known)].map(([key, { fieldManager }]) => [key, fieldManager])) };
}
