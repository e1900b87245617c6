/** Charts are rendered before the graph is built, so that their objects are ordinary resources (docs/adr/0004-charts.md). */
import { certManagerChart } from "../components/certificates/cert-manager-chart.ts";
import { ChartRenderer, type RenderedChart } from "../components/charts/chart-renderer.ts";
import type { InstalledCertManagerSettings } from "../components/certificates/settings.ts";
import { proxyOf } from "../components/kubernetes/proxy.ts";
import type { Settings } from "./settings/schemas.ts";

/** The charts that these settings need. */
export interface Charts {
  readonly certManager?: RenderedChart;
}

/** Renders what is needed, and starts no renderer where nothing is. */
export async function renderCharts(settings: Settings): Promise<Charts> {
  const certManager = installedCertManager(settings);
  if (certManager === undefined) return {};
  const { platform, certificates } = settings;
  const goesOut = certificates.issuer === "letsencrypt";
  const outgoing = goesOut ? { authorities: platform.authorities, proxy: proxyOf(platform) } : undefined;
  const request = certManagerChart({ settings: certManager, ...platform, outgoing });
  return { certManager: await new ChartRenderer("charts").render(request) };
}

/** The cert-manager that the platform brings; undefined where it brings none. */
export function installedCertManager({ certificates }: Settings): InstalledCertManagerSettings | undefined {
  if (certificates.issuer !== "privateCa" && certificates.issuer !== "letsencrypt") return undefined;
  return certificates.certManager.install ? certificates.certManager : undefined;
}
