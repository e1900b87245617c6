/** The program of a stack, run for its graph alone. */
import { type Charts, certManagerRequest, renderCharts } from "../../stacks/charts.ts";
import { datalab } from "../../stacks/datalab.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { type Plan, planOf } from "../../stacks/plan.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { Graph, Node } from "../digest/graph.ts";
import { recordGraph } from "./record.ts";

/** Component that holds the objects of a chart. */
export const chartType = "datalab:charts:PinnedChart";

/** The graph that settings ask for. */
export async function graphFor(stack: string, settings: Settings, charts: Charts): Promise<Graph> {
  const graph = await recordGraph(stack, async () => {
    const plan = planOf(settings);
    datalab(plan, { charts: chartsFor(plan, charts), aws: await loadAws(plan) });
  });
  const values = certManagerRequest(settings)?.values;
  return new Map([...graph].map(([urn, node]) => [urn, withChartValues(node, values)]));
}

/** Charts are not rendered anew for settings that are only tried: their values are compared instead. */
function withChartValues(node: Node, values: Readonly<Record<string, unknown>> | undefined): Node {
  return node.type === chartType ? { ...node, inputs: { ...node.inputs, values } } : node;
}

function chartsFor(plan: Plan, { certManager, ...others }: Charts): Charts {
  if (certManager === undefined || certManagerRequest(plan) === undefined) return others;
  return { ...others, certManager };
}

/** The charts of a stack as they were rendered before; undefined where they were not yet. */
export async function knownCharts(stack: string, settings: Settings): Promise<Charts | undefined> {
  let charts: Charts | undefined;
  try {
    await recordGraph(stack, async () => {
      charts = await renderCharts(settings);
    });
  } catch {
    return undefined;
  }
  return charts;
}
