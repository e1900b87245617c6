/** Charts are rendered before the graph is built, so that their objects are ordinary resources (docs/adr/0004-charts.md). */
import { certManagerChart } from "../components/certificates/cert-manager-chart.ts";
import { ChartRenderer, type ChartRequest, type RenderedChart } from "../components/charts/chart-renderer.ts";
import type { InstalledCertManagerSettings } from "../components/certificates/settings.ts";
import { proxyOf } from "../components/kubernetes/proxy.ts";
import type { Settings } from "./settings/schemas.ts";

/** The charts that these settings need. */
export interface Charts {
  readonly certManager?: RenderedChart;
}

/** Renders what is needed, and starts no renderer where nothing is. */
export async function renderCharts(settings: Settings): Promise<Charts> {
  const request = certManagerRequest(settings);
  return request === undefined ? {} : { certManager: await new ChartRenderer("charts").render(request) };
}

/** What is asked of cert-manager's chart; undefined where the platform brings none. */
export function certManagerRequest(settings: Settings): ChartRequest | undefined {
  const certManager = installedCertManager(settings);
  if (certManager === undefined) return undefined;
  const { platform, certificates } = settings;
  const goesOut = certificates.issuer === "letsencrypt";
  const outgoing = goesOut ? { authorities: platform.authorities, proxy: proxyOf(platform) } : undefined;
  return certManagerChart({ settings: certManager, ...platform, outgoing });
}

/** The cert-manager that the platform brings; undefined where it brings none. */
export function installedCertManager({ certificates }: Settings): InstalledCertManagerSettings | undefined {
  if (certificates.issuer !== "privateCa" && certificates.issuer !== "letsencrypt") return undefined;
  return certificates.certManager.install ? certificates.certManager : undefined;
}
