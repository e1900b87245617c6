/** Charts are rendered before the graph is built, so that their objects are ordinary resources (docs/adr/0004-charts.md). */
import { certManagerChart } from "../components/certificates/cert-manager-chart.ts";
import { ChartRenderer, type RenderedChart } from "../components/charts/chart-renderer.ts";
import type { Settings } from "./settings.ts";

/** The charts that these settings need. */
export interface Charts {
  readonly certManager?: RenderedChart;
}

/** Renders what is needed, and starts no renderer where nothing is. */
export async function renderCharts({ certificates, platform }: Settings): Promise<Charts> {
  if (certificates.issuer !== "privateCa" || !certificates.certManager.install) return {};
  const request = certManagerChart({ settings: certificates.certManager, ...platform });
  return { certManager: await new ChartRenderer("charts").render(request) };
}
