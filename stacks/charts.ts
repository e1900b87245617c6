/** Charts are rendered before the graph is built, so that their objects are ordinary resources (docs/adr/0004-charts.md). */
import { chartsIn, directoryError, mostBytes } from "../components/catalogue/directory.ts";
import type { ChartPackage } from "../components/catalogue/package.ts";
import { certManagerChart } from "../components/certificates/cert-manager-chart.ts";
import { ChartRenderer, type ChartRequest, type RenderedChart } from "../components/charts/chart-renderer.ts";
import { readChartFolder } from "../components/charts/folder.ts";
import type { InstalledCertManagerSettings } from "../components/certificates/settings.ts";
import { proxyOf } from "../components/kubernetes/proxy.ts";
import type { Settings } from "./settings/schemas.ts";

/** The charts that these settings need. */
export interface Charts {
  readonly certManager?: RenderedChart;
  /** Those of `catalogue.directory`, packed. */
  readonly directory?: readonly ChartPackage[];
}

/** Renders what is needed, and starts no renderer where nothing is. */
export async function renderCharts(settings: Settings): Promise<Charts> {
  const request = certManagerRequest(settings);
  const directory = settings.catalogue?.directory;
  if (request === undefined && directory === undefined) return {};
  const renderer = new ChartRenderer("charts");
  return {
    ...(request === undefined ? {} : { certManager: await renderer.render(request) }),
    ...(directory === undefined ? {} : { directory: await readDirectory(directory, renderer) }),
  };
}

/** Packs a folder's charts, after the files were looked at and helm has rendered each. */
export async function readDirectory(
  directory: string,
  renderer: Pick<ChartRenderer, "failureOf">,
): Promise<readonly ChartPackage[]> {
  const entries = await readChartFolder(directory, mostBytes);
  if (entries === undefined) throw directoryError(directory, [{ path: ".", reason: "is no folder" }]);
  const { charts, faults } = chartsIn(entries);
  if (faults.length > 0) throw directoryError(directory, faults);
  for (const { folder, chart } of charts) {
    const reason = await renderer.failureOf(chart.archive, chart.content);
    if (reason !== undefined)
      faults.push({ path: folder, reason: `cannot be rendered with its own values: ${reason}` });
  }
  if (faults.length > 0) throw directoryError(directory, faults);
  return charts.map(({ chart }) => chart);
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
