import * as pulumi from "@pulumi/pulumi";

import type { RenderedChart } from "./chart-renderer.ts";
import { inOrder, isKept, type KubernetesObject, logicalName, typeToken } from "./objects.ts";

/**
 * The objects of a Helm chart, each an ordinary resource. Who depends on this component waits for all of them.
 *
 * @example
 * ```ts
 * new PinnedChart("cert-manager-chart", chart, inside);
 * ```
 */
export class PinnedChart extends pulumi.ComponentResource {
  constructor(name: string, chart: RenderedChart, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:charts:PinnedChart", name, { name: chart.chart.name, version: chart.chart.version }, opts);

    let earlier: pulumi.Resource[] = [];
    for (const stage of inOrder(chart.objects)) {
      earlier = stage.map(
        (object) =>
          new ChartObject(typeToken(object), logicalName(name, object), inputsOf(object), {
            parent: this,
            dependsOn: earlier,
            retainOnDelete: isKept(object),
          }),
      );
    }

    this.registerOutputs({});
  }
}

/** An object whose type is known at run time only. */
class ChartObject extends pulumi.CustomResource {}

function inputsOf(object: KubernetesObject): pulumi.Inputs {
  if (object.kind !== "Secret") return { ...object };
  const { data, stringData, ...rest } = object;
  return {
    ...rest,
    ...(data === undefined ? {} : { data: pulumi.secret(data) }),
    ...(stringData === undefined ? {} : { stringData: pulumi.secret(stringData) }),
  };
}
